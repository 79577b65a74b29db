"""What fields of answers say that have no description of their own: what they hold, in which unit, and what null means.

A field of one name says the same in every answer, but where a line names the schema: `Schema.field`, `*` for any text.
A description at the field itself goes before. The API document is completed with these (`app/document.py`).
"""

from fnmatch import fnmatchcase
from functools import cache

from app.core import field_names

_NONE = "没有为空", "null where there is none"
_TABLE = """
active_from|启用之日，当日起可登录|may sign in from this day on
active_until|停用之日，当日仍可登录|may sign in up to this day|不限为空|null without an end
actor_id|账号的编号，或来源、系统的名称|id of an account, or name of a source or the system|不知为空|null: not known
actor_kind|本人、令牌或系统|a person, a token or the system|不知何人为空|null where not known
actor_name|何人的名称，记录当时的|by name, as it was then|不知何人为空|null where not known
actual_on|已上报的实际日|the day reported as actual|未上报为空|null until reported
address|来自的网络地址|the network address it came from|不知为空|null where not known
agreement_no|||草稿未填为空|null in a draft that lacks it
amount|金额（元）|in yuan|未载明为空|null where not stated
ColumnLimit.amount|时限的长度，单位见 unit|how long, in `unit`|按方案日计的为空|null where the day is that of the plan
LimitRead.amount|时限的长度，单位见 unit|how long, in `unit`|按方案日计的为空|null where the day is that of the plan
LeadClockRead.amount|时限的长度，单位见 unit|how long, in `unit`
Difference.amount|发布数减系统数（元）|published less ours, in yuan|任一方没有为空|null where either has none
FactRead.amount|签约或变更后的协议额（元）|the amount from then on, in yuan|不改金额的为空|null where it is as before
SystemFigure.amount|系统按自身口径的金额（元）|ours, in yuan|没有为空，原因见 reason_zh|null with the reason
TargetRead.amount|签约额目标（元）|target of the signed amount, in yuan|未定目标为空|null where no target is set
annual_revenue|达产后每年的营业收入（元）|revenue a year at capacity, in yuan|未填写为空|null where not stated
annual_tax|达产后每年的税收（元）|tax a year at capacity, in yuan|未填写为空|null where not stated
answer_due_on|应在此日或之前响应引荐方|to be answered on this day at the latest
answer_note|||未响应为空|null until answered
answered_on|||未响应为空|null until answered
appointment_no|||未填写为空|null where not stated
approved_at|||未审核为空|null until approved
approved_by|审核人的账号|the account that approved it|未审核为空|null until approved
approved_by_name|||未审核为空|null until approved
assess_due_on|应在此日或之前研判|to be assessed on this day at the latest
assessed_on|首次研判之日|the day of the first assessment|未研判为空|null until assessed
JobRead.attempts|已试次数|times it was tried
business|往来|business|未以 with=business 索取为空|null where not asked for
cadence|||未定为空|null where none is set
caliber|口径|the caliber|未载明为空|null where not stated
capped|行数达到上限，实有不少于 value|there are at least `value` rows
chain|||未填写为空|null where not stated
chain_role|||未填写为空|null where not stated
channel|||未填写为空|null where not stated
clock|最先到期的时限|the limit that ends first|没有时限的为空|null where no limit runs
closed_on|||未撤销为空|null while it is open
LeaderRead.closed_on|包保的末日|the last day of the assignment|仍在包保为空|null while it goes on
LeaderHandedOver.closed_on|包保的末日|the last day of the assignment|仍在包保为空|null while it goes on
Team*.closed_on|班子的末日|the last day of the team|现任班子为空|null for the present team
*Ref.code
Candidate.code
GroupLabel.code
confirmed_at|由另一人确认的时间|when another person confirmed it|未确认为空|null until confirmed
confirmed_by_name|确认人|who confirmed it|未确认为空|null until confirmed
construction_nature|||未填写为空|null where not stated
PhoneKnown.contact_id|联系人|the contact|不在你范围内为空|null where it is out of your scope
continues_parent|接续总项目的阶段、领导、班子和方案|goes on where its parent stood: stage, leader, team and plan
converted_on|||未转为空|null until it became a project
corrects_id|所冲销的那一笔|the entry that it takes back|非冲销为空|null where it takes none back
count|项数|how many
Difference.count|发布数减系统数（项）|published less ours|任一方没有为空|null where either has none
EntryR*.count|签约项数的增减：1、-1 或 0|what it adds to the number of signings: 1, -1 or 0
MergeItem.count|涉及多少条|how many rows|不计数的为空|null where it is not counted
PreviewEntry.count|签约项数的增减：1、-1 或 0|what it adds to the number of signings: 1, -1 or 0
SystemFigure.count|系统按自身口径的项数|how many we have|没有为空，原因见 reason_zh|null with the reason
country|||境内企业为空|null for domestic ones
covered_days|其中有在任领导和班子的天数|of `days`, those with a leader in post and a team
credit_code|||境外或未登记为空|null for foreign ones, or where not on record
currency|原币币种|currency of the original amount|人民币为空|null for yuan
AmountRead.currency|币种，人民币为 CNY|its currency, CNY for yuan
current_on|现行方案的计划日|the day planned now|现行方案没有为空|null where the present plan has none
days|天数（自然日）|calendar days
Continuity.days|应跟进的自然日，不含暂缓|calendar days on which it had to be followed, paused ones left out
CalendarRead.days|当年的节假日和调休|days off and worked instead, of the year
Worst*.days|已超期的自然日|calendar days past its day
days_in_stage|进入本阶段以来的自然日|calendar days since it entered the stage
days_late|超过到期日的自然日，未超期为 0|calendar days past `due_on`, 0 where it is not past
deal_code|签约编号|code of the deal|不在你范围内为空|null where it is out of your scope
deal_id|签约|the deal|不在你范围内为空|null where it is out of your scope
description|||未填写为空|null where not stated
direct_entry_reason|||由线索转入的为空|null where it was a lead
disabled|自动停用的原因|why it was switched off by itself|未自动停用为空|null where it was not
division_code|||未填写为空|null where not stated
FactRead.document
F*.document|凭证，如会议纪要|what shows it, such as minutes|没有为空|null where there is none
document_no|文号|its number|未填写为空|null where not stated
done|办成的条数|items that were done
drafted_by_name|||起草人已无从查考为空|null where not known any more
dry_run|只试办，什么都没有改动|a trial: nothing was changed
due_on|到期日；过了这一天即超期|the last day; it is overdue from the next
ProjectR*.due_on|先到期的时限的末日，过后即超期|when the first limit ends|没有时限的为空|null where none runs
ProjectPage.due_on|先到期的时限的末日，过后即超期|when the first limit ends|没有时限的为空|null where none runs
Card.due_on|先到期的时限的末日，过后即超期|when the first limit ends|没有时限的为空|null where none runs
duplicate_ruling|||没有裁决为空|null where none was ruled
duty|分工|what the member does|未写明为空|null where not stated
effective_on|业务上从哪天起算|the business day it counts from
email|邮箱，全文|mail address in full|未登记为空|null where not on record
email_masked|邮箱，已掩码|mail address, masked|未登记为空|null where not on record
end_reason|||未终止为空|null until it ended
ended_at|办完的时间|when it ended|未完为空|null until then
ended_on|||未终止为空|null until it ended
PostRead.ended_on|离任之日，当日仍在任|the last day of the post|在任为空|null while it is held
energy_note|||未填写为空|null where not stated
energy_use|每年用能（吨标准煤）|energy a year, in tonnes of coal equivalent|未填写为空|null where not stated
entered|期间进入的次数|stays that began in the period
entered_on|进入该阶段之日|the day it entered the stage|批次中的为空|null in a cohort
enterprise_id|||
PhoneKnown.enterprise_id|联系人所在企业|its enterprise|不在你范围内为空|null where it is out of your scope
error|发不出的原因|why it could not be sent|已有答复为空|null where it was answered
errors|输入的逐处错误|each error of the input|与输入无关的为空|null where it is not about the input
estimate_from|拟投资额下限（元）|lower end of the estimate, in yuan|未填写为空|null where not stated
estimate_to|拟投资额上限（元）|upper end of the estimate, in yuan|未填写为空|null where not stated
evidence_id|凭哪条依据|the evidence for it|未指明为空|null where none is named
explanation|与系统数不同的说明|why it differs from ours|未说明为空|null where not explained
explanation_en|同上，英文|the same in English|没有英文为空|null where there is none in English
external_id|来源的编号|the number of the source|未载明为空|null where not stated
failed_in_24_hours|24 小时内失败的次数|attempts that failed in 24 hours
failing_since|从何时起连续失败|since when each attempt fails|最近一次成功为空|null where the last one succeeded
first_unit|||
for_construction|重点建设项目经过|for projects of construction
for_promotion|招商项目经过|for projects of promotion
forecast_on|最近上报的预计日|the latest forecast|未上报为空|null where none was reported
from|期间的首日|first day of the period
Continuity.from_on|从哪天起应跟进|the day from which it has to be followed|尚未到为空|null before it has to be
Gap.from_on|断档的首日|its first day
from_stage|从哪个阶段|the stage before|首次进入为空|null for the first
handler|||未指定为空|null where nobody was named
handler_id|||未指定为空|null where nobody was named
handover_note|交接说明|what was handed over|未交接为空|null where it was not handed over
MoveRead.happened_on|业务上发生之日，更正后的|the business day it happened, as corrected
GatesRead.happened_on|按哪天评判|the day that the gates are judged for
has_password|设有口令|a password is set
has_second_factor|启用了动态口令|one-time codes are in use
headquarters|||未填写为空|null where not stated
health|送达情况|how it is reached|未以 include=health 索取为空|null where not asked for
held_on|集中开工之日|the day it was held
href|记录的地址|the address of the record|不在你范围内为空|null where it is out of your scope
id|||
Candidate.id|||不在你范围内为空|null where it is out of your scope
EntryDeal.id|||项目不在你范围内为空|null where the project is out of your scope
FigureProject.id|||不在你范围内为空|null where it is out of your scope
MetBy.id|||由项目本身的字段满足的为空|null where a field of the project itself meets it
idle_minutes|多少分钟不用即退出|minutes without use until it ends
industry|||未填写为空|null where not stated
industry_code|GB/T 4754-2017 代码|code of GB/T 4754-2017|未填写为空|null where not stated
investor|||未填写为空|null where not stated
investor_id|||未填写为空|null where not stated
is_active|启用中|in use
is_assessed|列入考核|is assessed
is_catch_up|补录：一次经过多个阶段|put on record later, several stages at once
is_complete|没有缺项|nothing is missing
is_fixed|不可改为仅提示，也不可越过|cannot be loosened or overridden
is_illustrative|示例数据，不是真实的|made up, not real
is_in_period|在所问期间内；否则为上年同月|in the period asked for; else of the year before
is_in_post|今天在任|holds a post today
is_in_scope|在你的范围内；否则只有说明的一句|in your scope; else the sentence alone is given
is_locked|已锁定，不能登录|locked: cannot sign in
is_met|已满足|it is met
is_mine|由我设立|I made it
is_not_needed|登记为“不涉及”|recorded as not needed
is_overdue|已过到期日|past its day
is_parent|已分期，阶段和五个一落在各期|has phases, to which stages and five ones belong
is_possible|可以合并|it can be merged
is_provisional|暂估：通知未发布，只有法定节假日|before the notice: statutory days alone
is_removed|已移除|removed
is_reversal|冲销一笔原有的|takes back an entry
is_single_person|起草与审核为同一人|drafted and approved by the same person
is_skippable|可跳过|may be skipped
is_this|本次会话|this very session
is_top_leader|党政一把手|head of party or government
is_transferred|随裁定流转到该单位|the record passed to that unit by the ruling
is_whole_city|看全市|sees the whole city
is_withdrawn|已撤回|withdrawn
EvidenceRead.issuer|出具的单位|who issued it|未填写为空|null where not stated
jobs|就业人数|jobs|未填写为空|null where not stated
keep_until|保存到哪天，过后删除|kept up to this day, then erased
consent_on|同意之日|the day of consent
*Facet*.key|筛选用的值|what the filter takes|没有值的一组为空|null for the group without a value
kind|||不在你范围内为空|null where it is out of your scope
lacks_leader|没有包保领导|has no leader
lacks_plan|没有推进方案|has no plan
lacks_team|没有工作班子|has no team
land_area|用地（亩）|land in mu|未填写为空|null where not stated
landed|本期签约且已落地的项数|how many of these have landed
EntryR*.landed|落地项数的增减：1、-1 或 0|what it adds to the number landed: 1, -1 or 0
PreviewEntry.landed|落地项数的增减：1、-1 或 0|what it adds to the number landed: 1, -1 or 0
last_activity_on|最近一次跟进或变动之日|the day of the last follow-up or move
ScheduleRead.last_at|上次运行的时间|when it ran last|未运行过为空|null where it never ran
last_failure_at|上次失败的时间|when an attempt failed last|没有失败过为空|null where none failed
last_job_id|上次运行的任务|the job that ran last|未运行过为空|null where it never ran
last_received_at|最近收到推送的时间|when it sent something last|没有或未索取为空|null: nothing came, or not asked for
last_success_at|上次成功的时间|when an attempt succeeded last|没有成功过为空|null where none succeeded
last_used_at|上次使用的时间|when it was used last|未用过为空|null where it was not used
latitude|纬度（度）|degrees of latitude|未填写为空|null where not stated
longitude|经度（度）|degrees of longitude|未填写为空|null where not stated
lead_official_id|||未定为空|null where none is set
lead_unit_id|||未定为空|null where none is set
leader|||未确定为空|null where none was appointed
leader_id
Performance*.leader_id|牵头市领导|lead official|未定为空|null where none is set
leads_to|通向哪个阶段|the stage it leads to|不通向阶段的为空|null where it leads to none
led|包保的项目|projects led|未以 with=led 索取为空|null where not asked for
left|期间离开的次数|stays that ended in the period
left_back|其中回退的|of these, back
left_forward|其中前进的|of these, forward
left_by|因何离开|by which move it left|未离开为空|null while it is there
left_on|离开之日|the day it left|未离开为空|null while it is there
may_edit|你可以修改|you may edit it
median_days|停留天数的中位数|median of the days stayed|期间没有离开的为空|null where none ended in the period
merged_into_id|||未并入为空|null where it was not merged
milliseconds|用时（毫秒）|how long it took, in milliseconds
min_planned_total|计划总投资的下限（元）|planned totals from this on, in yuan|不设下限为空|null without a lower end
missing_en|缺什么，英文|what is missing|已齐为空|null where nothing is
missing_zh|缺什么|what is missing, in Chinese|已齐为空|null where nothing is
name|||不在你范围内为空|null where it is out of your scope
SignOnArrivalRead.name|提供方所给的姓名|the name that the provider gave|未给为空|null where it gave none
name_en|||没有英文名称为空|null where it has none
national_code|||未赋码为空|null until it has one
needs_catch_up|要连过几个阶段，须注明补录|several stages at once, as a catch-up
Delivery*.next_at|下次发送的时间|when it is tried next|不再发送为空|null where it is not tried again
ScheduleRead.next_at|下次运行的时间|when it runs next
next_cursor|下一页的游标|the cursor of the next page|没有下一页为空|null on the last page
FollowUpRead.next_step|下一步|the next step|未写明为空|null where not stated
next_step_on|下一步在哪天前办|by when the next step is to be taken|未写明为空|null where not stated
next_steps|||未填写为空|null where not stated
note|备注|a note|没有为空|null where there is none
note_en|同 note_zh，英文|as `note_zh`, in English|没有为空|null where there is none
number|第几版|which version it is
object_kind|所述对象的种类|the kind of its object|无从辨认为空|null where it cannot be told
occasion|||未填写为空|null where not stated
UserR*.official|账号对应的领导或工作人员|the official of the account|未对应为空|null where it has none
UserWithRights.official|账号对应的领导或工作人员|the official of the account|未对应为空|null where it has none
official_id|||
oldest_pending_at|待送的消息中最早的|of the messages to be sent, the oldest|没有待送为空|null where none waits
MetBy.on|该记录的日期|the day of that record|没有日期为空|null where it has none
opened_on|起始之日|the first day
organization|||未填写为空|null where not stated
origin|来源地|where it comes from|未载明为空|null where not stated
original_amount|原币金额|the amount in the foreign currency|人民币为空|null for yuan
original_on|首版方案的计划日|the day first planned|首版没有为空|null where the first plan has none
Column.overdue|其中已过到期日的|of these, past their day
FunnelPresent.overdue|其中已过到期日的|of these, past their day
Led.overdue|其中已过到期日的|of these, past their day
ownership|所有制|who owns it|未载明为空|null where not stated
p90_days|九成在此天数内离开|nine in ten left within so many days|期间没有离开的为空|null where none ended in the period
parcel_no|||未填写为空|null where not stated
parent_code|上一级行业|the industry above|门类为空|null for sections
parent_id|||
parent_name|||不属集团为空|null where it belongs to none
password_min_length|口令至少多少个字符|the fewest characters of a password
paused_on|||未暂缓为空|null where it is not paused
phase_no|第几期|which phase it is|不是分期为空|null where it is no phase
phone|电话，全文|phone in full|未登记为空|null where not on record
phone_masked|电话，已掩码|phone, masked|未登记为空|null where not on record
pinned|固定在前|kept at the front
place|||未填写为空|null where not stated
place_unit_id|||未填写为空|null where not stated
plan|现行方案|the present plan|未发布为空|null where none was published
planned_on|计划日|the day planned
planned_this_year|当年计划投资（元）|planned for the year, in yuan|未填写为空|null where not stated
PlannedWithout.planned_this_year|没有当年计划投资的项数|how many have none for the year
PlannedWithout.planned_total|没有计划总投资的项数|how many have no total
Difference.planned_this_year|发布数减系统数（元）|published less ours, in yuan|任一方没有为空|null where either has none
planned_total|计划总投资，最新版本（元）|planned total of the latest version, in yuan|未填写为空|null where not stated
FigureRow.planned_total|当日的计划总投资（元）|planned total of the day, in yuan|未填写为空|null where not stated
PlanListItem.planned_total|当日的计划总投资（元）|planned total of the day, in yuan|未填写为空|null where not stated
planned_total_yi|亿元，仅供显示|in 100 million yuan, for display only
plant_area|厂房（平方米）|floor space in m²|未填写为空|null where not stated
pool|口径|the pool|未按口径问为空|null where not asked for by pool
position|次序，从小到大|its place, the least first
problem|未办成的原因|why it was not done|已办成为空|null where it was done
progress|||未填写为空|null where not stated
progress_on|进展说的是哪天|the day that the progress is of|未填写为空|null where not stated
project_id|||不在你范围内为空|null where it is out of your scope
project_name|||不在你范围内为空|null where it is out of your scope
Led.projects|现在包保的项目，含暂缓|projects led now, paused ones included
protected_until|保护到哪天，当日仍受保护|the last day of protection|尚无首谈为空|null where there is no first talk
published_on|发布之日|the day it was published|未载明为空|null where not stated
rank|名次|its rank
rate|一单位原币合多少元|yuan for one unit of the currency|人民币为空|null for yuan
rate_on|||人民币为空|null for yuan
rate_source|||人民币为空|null for yuan
reason|||没有为空|null where there is none
MoveRead.reason|||没有或不在你范围内为空|null where there is none, or it is not for you
PlanListRead.reason|撤回的理由|why it was withdrawn|未撤回或不在你范围内为空|null where it was not, or it is not for you
PlanRead.reason|调整方案的理由|why the plan was changed|首版为空|null for the first
PlanPublished.reason|调整方案的理由|why the plan was changed|首版为空|null for the first
EvidenceRead.reason|“不涉及”的理由|why it is not needed|其他为空|null otherwise
reason_code|终止的原因|why it was terminated|非终止为空|null where it is no termination
reason_en|同 reason_zh，英文|as `reason_zh`, in English|有数时为空|null where there is a figure
reference|文号或网址|where it was published|未载明为空|null where not stated
referrer|||
referrer_id|||
refused|被拒的条数|items that were refused
refused_en|不能移入的原因，英文|why no move leads there|可移入为空|null where one does
refused_zh|不能移入的原因|why no move leads there, in Chinese|可移入为空|null where one does
registered_place|||未填写为空|null where not stated
registration_no|||境内企业为空|null for domestic ones
relation|||不是分期为空|null where it is no phase
reported_on|首次报来之日|the day of the report
request_id|请求的编号，同 X-Request-ID|the request, as in X-Request-ID|不由请求引起为空|null where no request made it
resume_expected_on|||未暂缓为空|null where it is not paused
revoked_at|撤销的时间|when it was revoked|有效为空|null while it is valid
rows_url|明细的地址|the address of its rows|没有明细为空|null where it has none
ruled_on|裁定文件之日|the day of the ruling
ruling|裁定|the ruling|未裁定为空|null until it is ruled on
same_quarter_landed|当季签约且当季落地的项数|signed and landed in the same quarter
TargetRead.same_quarter_landed|当季签约当季落地的目标（项）|target of these|未定目标为空|null where none is set
sector|三次产业|which of the three sectors|未划分为空|null where it is in none
sees_all|看全市|sees the whole city
seq|第几条，从 1 起|its number, from 1
sequence|来源所编的序号|the number that its source gave it|未编号为空|null where it has none
settled_at|办结的时间|when it was settled|未办结为空|null until settled
settled_by|办结人的账号|the account that settled it|未办结为空|null until settled
settled_by_name|办结人|who settled it|未办结为空|null until settled
settled_reason|办结的理由|why it was settled so|没有为空|null where none was given
share|已过的部分，1 为到期，超过 1 为超期|the part that has passed, above 1 where it is over
short_name|||没有简称为空|null where it has none
sign_on_subject|单点登录提供方所给的标识|what the provider calls the person|未绑定为空|null where not bound
signed|该季签约的项目|projects that were signed in the quarter
signed_on|||草稿未填为空|null in a draft that lacks it
TargetRead.signings|签约项数的目标|target of the number of signings|未定目标为空|null where no target is set
size|规模档|size band|没有金额为空|null without an amount
source|||未载明为空|null where not stated
PlanList*.source|||未载明或不在你范围内为空|null where not stated, or it is not for you
SearchHit.stage|||没有阶段的种类为空|null for kinds without stages
started_at|开始办的时间|when it began|未开始为空|null until then
started_on|到任之日|the first day of the post
statistical_name|||未入统为空|null where it is not in the statistics
AttemptRead.status|答复的状态码|the status of the answer|没有答复为空|null without an answer
SearchHit.status|||没有状态的种类为空|null for kinds without a status
subject_id|所涉记录|the record concerned|不涉及记录为空|null where it concerns none
subject_type|所涉记录的种类|the kind of record concerned|不涉及记录为空|null where it concerns none
subject_version|改动后的版本|the version after the change|在其下新增的为空|null for a row added beneath it
submitted_by|送审人的账号|the account that submitted it|未送审为空|null until submitted
submitted_by_name|||未送审为空|null until submitted
supersedes_id|所更正的前一条|the statement that it replaces|首次登记为空|null for the first
target|目标，金额以元计|the target, amounts in yuan|未定目标为空|null where none is set
task_force|||未归属为空|null where it has none
task_force_id|||未归属为空|null where it has none
team|现任班子|the present team|未确定为空|null where none was set
through_on|统计到哪天|the day up to which it is counted|仅完成投资有|null but for what is done
Contact*.title|职务|what the person is there|未填写为空|null where not stated
EntryDeal.title|||项目不在你范围内为空|null where the project is out of your scope
DaySpan.to|期间的末日|last day of the period
Funnel.to|期间的末日|last day of the period
Overview.to|期间的末日|last day of the period
Signings.to|期间的末日|last day of the period
OpenMove.to|到哪个阶段|the stage it leads to
Target.to|哪个阶段|the stage
GatesRead.to|到哪个阶段|the stage they lead to|没有下一阶段为空|null where there is no next
Continuity.to_on|算到哪天|the last day counted|尚未起算为空|null before it is counted
Gap.to_on|断档的末日|its last day
today|业务日|the business day
todo|待办总数|all that waits
total_count|共有多少要办|how much there is to do|不计数的为空|null where it is not counted
trust_confirmed_by_name|||没有确认人为空|null where nobody did
Inbox*.type|消息的类型|its type|无从辨认为空|null where it cannot be told
unit|||未定为空|null where none is set
Candidate.unit|||不在你范围内为空|null where it is out of your scope
ColumnLimit.unit|时限的单位|the unit of its length|按方案日计的为空|null where the day is that of the plan
LimitRead.unit|时限的单位|the unit of its length|按方案日计的为空|null where the day is that of the plan
Endpoint*.unit|负责的单位|the unit that keeps it|未定为空|null where none is set
Source*.unit|可写入的单位及其下级|the unit it may write for, and all below|全市为空|null for the whole city
User*.unit|账号所属单位|the unit of the account|未定为空|null where none is set
unit_id|||未定为空|null where none is set
Endpoint*.unit_id|负责的单位|the unit that keeps it|未定为空|null where none is set
FactRead.unit_id|计入的单位|the unit it counts for|同前为空|null: as before
FollowUpRead.unit_id|由哪个单位接触|whose contact it was|未写明为空|null where not stated
Source*.unit_id|可写入的单位及其下级|the unit it may write for, and all below|全市为空|null for the whole city
User*.unit_id|账号所属单位|the unit of the account|未定为空|null where none is set
upstream_code|||没有为空|null where there is none
user_agent|浏览器自报的名称|what the browser calls itself|不知为空|null where not known
user_name|提供方所给的用户名|the user name that the provider gave|未给为空|null where it gave none
EvidenceRead.value|依据的数值，单位见其种类|in the unit of its kind|不带数值的为空|null where its kind has none
Count.value|行数|the number of rows
value_unit|数值的单位|the unit of its value|不带数值的为空|null where it has no value
version|版本，同 ETag；办理时作为 If-Match|the version, as in ETag, sent as If-Match to act on it
void_reason|作废的理由|why it is void|有效为空|null while it is valid
voided_at|作废的时间|when it was voided|有效为空|null while it is valid
with_investor|与投资方的实质接触|a real contact with the investor
withdrawn_reason|撤回的理由|why it was withdrawn|有效为空|null while it stands
without_amount|没有金额、只计个数的|counted without an amount|不适用为空|null where it does not apply
worst|超期最久的一条|the one that is most overdue|没有超期为空|null where none is
year|年份|the year|仅当年计划和完成投资有|null but for planned_this_year and done
"""


def _rows() -> dict[str, tuple[str, ...]]:
    """Returns the lines by the fields they are about. Each has two texts that say what the field holds, empty where
    that is its name, and two that say what null means, left out where it is that there is none."""
    lines = (line.rstrip("|").split("|") for line in _TABLE.strip().splitlines())
    return {field: tuple(texts) for field, *texts in lines}


_ROWS = _rows()
_OF_SCHEMAS = [field for field in _ROWS if "." in field]


@cache
def row_of(schema: str, field: str) -> str | None:
    """Returns the line of the table that is about a field of a schema; None where none is."""
    place = f"{schema}.{field}"
    return next((row for row in _OF_SCHEMAS if fnmatchcase(place, row)), field if field in _ROWS else None)


def describe(schema: str, field: str, *, may_be_null: bool) -> str | None:
    """Returns the description of a field of an answer in both languages; None where its name says all, and where
    nothing is known of it."""
    row = row_of(schema, field)
    if row is None:
        return None
    holds, null = _ROWS[row][:2], _ROWS[row][2:] or _NONE
    if may_be_null:
        zh, en = holds if any(holds) else field_names.name_of(field) or (field, field)
        return f"{zh}；{null[0]} / {en}; {null[1]}"
    return " / ".join(holds) if any(holds) else None


ROWS = frozenset(_ROWS)
"""The lines of the table, by the fields they are about."""
