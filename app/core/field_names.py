"""The names of all fields in both languages, in one place: for the timeline, a stale write, columns and exports.

A field of one name means the same in every record, but for those in `_OF`.
"""

from collections.abc import Iterable

from app.core.localized import Label, Say


def table(text: str) -> dict[str, Say]:
    """Reads lines of `field|Chinese|English`."""
    rows = (line.split("|") for line in text.strip().splitlines())
    return {field.strip(): Say(zh, en) for field, zh, en in rows}


_NAMES = table(
    """
    id|标识|id
    version|版本|version
    code|编号|code
    name|名称|name
    name_en|英文名称|English name
    short_name|简称|short name
    kind|种类|kind
    program|类别|program
    stage|阶段|stage
    stage_since|进入阶段之日|in the stage since
    days_in_stage|在阶段天数|days in the stage
    next_stage|下一阶段|next stage
    status|状态|status
    due_on|到期日|due
    is_overdue|是否超期|overdue
    clock|时限|limit
    five_ones|五个一|five ones
    is_parent|是否已分期|has phases
    is_leaf|是否末级|is a leaf
    parent_id|上级|parent
    parent|上级|parent
    phase_no|期次|phase number
    phases|分期|phases
    relation|与总项目的关系|relation to the whole
    continues_parent|是否接续总项目|continues the whole
    unit_id|承接单位|unit in charge
    unit|承接单位|unit in charge
    task_force_id|专班|task force
    task_force|专班|task force
    first_unit_id|首报单位|first unit
    first_unit|首报单位|first unit
    industry_code|行业|industry
    industry|行业|industry
    industry_codes|行业|industries
    investor_id|投资方|investor
    investor|投资方|investor
    referrer_id|引荐方|referrer
    referrer|引荐方|referrer
    place_unit_id|落地|place
    place|落地|place
    leader|包保领导|leader
    team|专班人员|team
    plan|推进方案|plan
    targets|年度目标|targets
    channel|来源渠道|channel
    occasion|来源活动|occasion
    description|建设内容及规模|description
    estimate_from|拟投资额下限|estimate from
    estimate_to|拟投资额上限|estimate to
    planned_total|计划总投资|planned total
    land_area|用地（亩）|land (mu)
    plant_area|厂房（平方米）|floor space (m²)
    energy_use|年用能（吨标准煤）|energy a year (tce)
    energy_note|用能要求|energy wanted
    confidentiality|知悉范围|confidentiality
    source|数据来源|source
    upstream_code|上级平台编码|upstream code
    national_code|投资项目统一代码|national code
    statistical_name|纳统名称|statistical name
    longitude|经度|longitude
    latitude|纬度|latitude
    parcel_no|宗地号|parcel number
    chain|产业链环节|part of the chain
    chain_role|链上角色|role in the chain
    construction_nature|建设性质|nature of construction
    annual_revenue|达产年营业收入|annual revenue
    annual_tax|达产年税收|annual tax
    jobs|就业人数|jobs
    progress|当前进展|progress
    progress_on|进展日期|day of the progress
    next_steps|下步计划|next steps
    duplicate_ruling|疑似重复的裁决|ruling on duplicates
    direct_entry_reason|直接入库的理由|why entered without a lead
    capacities|产能|capacities
    paused_on|暂缓之日|paused on
    paused_days|暂缓天数|days paused
    resume_expected_on|预计恢复之日|expected to resume on
    merged_into_id|并入|merged into
    merged_into_code|并入的编号|merged into
    successor|现行记录|successor
    lead_id|线索|lead
    lead|线索|lead
    project_id|项目|project
    project|项目|project
    project_name|项目名称|name of the project
    last_activity_on|最近进展之日|last activity
    happened_on|发生之日|day it happened
    created_at|登记时间|created
    updated_at|修改时间|updated
    is_illustrative|是否示例|illustrative
    reported_at|首报时间|reported
    reported_on|首报之日|reported on
    reported_by|首报人|reported by
    handler_id|经办人|handler
    handler|经办人|handler
    answer_due_on|应响应之日|answer due
    answered_on|响应之日|answered on
    answer_note|响应情况|answer
    assess_due_on|应研判之日|assessment due
    assessed_on|研判之日|assessed on
    assessments|历次研判|assessments
    converted_on|转为项目之日|converted on
    days_waiting|等待天数|days waiting
    title|标题|title
    agreement_no|协议编号|agreement number
    signed_on|签约日|signed on
    agreed_amount|协议额|agreed amount
    line_deal|总项目的签约|deal of the whole
    amount|金额|amount
    currency|币种|currency
    original_amount|原币金额|amount in foreign currency
    rate|汇率|rate
    rate_on|汇率日期|day of the rate
    rate_source|汇率来源|source of the rate
    effective_on|生效之日|effective on
    ended_on|终止之日|ended on
    end_reason|终止理由|why it ended
    document|文号|document
    reason|理由|reason
    override|越过的门槛|override
    drafted_by|起草人|drafted by
    drafted_by_name|起草人姓名|name of who drafted it
    drafted_at|起草时间|drafted at
    is_on_plan_list|列入当年计划|on the year's plan list
    submitted_by|送审人|submitted by
    submitted_by_name|送审人姓名|name of who submitted it
    submitted_at|送审时间|submitted
    is_returned|已退回|returned
    return_reason|退回理由|why it was returned
    approved_by|审核人|approved by
    approved_by_name|审核人姓名|name of who approved it
    approved_at|审核时间|approved
    is_single_person|是否一人经办|by one person
    is_approved_at_source|来源已审核|approved at the source
    trust_confirmed_by|确认来源可信的人|who confirmed the source
    trust_confirmed_by_name|确认来源可信者姓名|name of who confirmed the source
    facts|事实|facts
    seq|序号|number
    recorded_at|登记时间|recorded
    origin|资金来源地|origin
    ownership|所有制|ownership
    credit_code|统一社会信用代码|credit code
    country|国别|country
    registration_no|境外注册号|registration number
    registered_place|注册地|registered place
    headquarters|总部|headquarters
    twin_ruling|与同名企业的区别|why it is another of that name
    rankings|榜单|rankings
    gates_missing|未满足的门槛|gates missing
    may|可办的动作|what you may do
    is_assessed|是否考核|assessed
    closed_on|撤销之日|closed on
    opened_on|设立之日|opened on
    phone|电话|phone
    email|邮箱|mail
    organization|所在单位|organization
    appointment_no|聘书号|letter of appointment
    official_id|领导或工作人员|official
    enterprise_id|企业|enterprise
    lead_official_id|牵头领导|lead official
    lead_unit_id|牵头单位|lead unit
    cadence|调度频次|cadence
    unit_ids|成员单位|units
    members|成员|members
    display_name|显示名称|display name
    active_from|启用之日|active from
    active_until|停用之日|active until
    url|地址|address
    types|推送类型|types
    is_active|是否启用|active
    order|排序方式|ordering
    is_trusted|是否可信|trusted
    units|单位对照|units
    stages|阶段对照|stages
    networks|来源网段|networks
    parent_name|所属集团|group
    merged_into|并入|merged into
    business|往来|business
    division_code|区划代码|division code
    phone_masked|电话（脱敏）|phone, masked
    posts|任职|posts
    led|包保的项目|projects led
    lead_official|牵头领导|lead official
    lead_unit|牵头单位|lead unit
    industries|行业|industries
    official|领导或工作人员|official
    enterprise|企业|enterprise
    is_locked|是否锁定|locked
    sign_on_subject|单点登录标识|single sign-on subject
    has_password|是否设有口令|has a password
    has_second_factor|是否启用动态口令|uses one-time codes
    roles|角色|roles
    suspended_roles|暂停的角色|roles held back
    changed_since_grant|授予后的改动|changed since granted
    waits_for_release|口令待放行|password waits for release
    task_force_ids|专班|task forces
    task_forces|专班|task forces
    of_kind|原事项|of which kind
    count|项数|count
    landed|落地项数|landed
    size|规模档|size
    corrects_id|所更正的一笔|entry corrected
    deal|签约|deal
    line_id|里程碑沿革|line of the milestone
    leads_to|通向的阶段|leads to
    planned_on|计划日|planned
    forecast_on|预计日|forecast
    days_late|超期天数|days late
    leader_id|包保领导|leader
    lacks_leader|缺包保领导|no leader
    lacks_team|缺工作班子|no team
    lacks_plan|缺推进方案|no plan
    is_leader_out_of_post|领导已离任|leader out of post
    is_leader_late|入库 7 天仍无领导|no leader after 7 days
    is_late|跟进超期|overdue
    planned_this_year|当年计划投资|planned this year
    is_whole_line|作为一项计入|counts as a whole
    listed_as|列入登记所在|listed as
    with_investor|与投资方的接触|with the investor
    on|日期|day
    day|日期|day
    summary|内容|summary
    next_step|下一步|next step
    next_step_on|下一步期限|next step by
    recorded_by|登记人|recorded by
    value|数值|value
    document_no|文号|document number
    issuer|出具单位|issuer
    note|备注|note
    is_not_needed|不涉及|not needed
    void_reason|作废理由|why it is void
    voided_at|作废时间|voided
    query|筛选条件|filter
    columns|列|columns
    layout|版式|layout
    shared|共享范围|shared with
    position|次序|position
    """
)
_OF = {
    "enterprise": table("parent_id|所属集团|group\nparent|所属集团|group"),
    "unit": table("parent_id|上级单位|unit above\nparent|上级单位|unit above"),
    "project": table("parent_id|总项目|whole project\nparent|总项目|whole project"),
    "entry": table("unit_id|计入单位|unit\nunit|计入单位|unit"),
    "follow_up": table("unit_id|接触单位|unit\nunit|接触单位|unit\ndocument|凭证|document"),
    "official": table("name|姓名|name\nended_on|离任之日|left on"),
    "user": table("name|用户名|user name\nunit_id|单位|unit\nunit|单位|unit"),
    "webhook_endpoint": table("unit_id|单位|unit"),
    "webhook_source": table("unit_id|单位|unit"),
}
"""Names of fields that mean something else in this record."""


def name_of(field: str, record: str | None = None) -> Say | None:
    """Returns the name of a field of a record such as `project`; None for a field without one."""
    return _OF.get(record or "", {}).get(field) or _NAMES.get(field)


def label(field: str, record: str | None = None) -> Label:
    """Returns a field with its names; one without a name bears its code."""
    say = name_of(field, record) or Say(field, field)
    return Label(code=field, zh=say.zh, en=say.en)


def labels(fields: Iterable[str], record: str | None = None) -> list[Label]:
    """Returns the fields with their names, such as all that a schema of the record has."""
    return [label(field, record) for field in fields]
