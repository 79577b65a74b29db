"""The requests that each page of the client takes on the sample after start-up (`/meta`, `/me`, `/me/preferences`), and
the fields that the page shows. Printed by `benchmarks/page_requests.py`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx

from app.core.clock import system_now
from tests.accounts.people import session_of, sign_in_required
from tests.conftest import World


class Ask(NamedTuple):
    """A request, and the fields its answer must hold: a name with `[]` is a list, of which each element is looked at.
    Each field is there, and somewhere in the sample filled in; one with `?` may be null throughout."""

    path: str
    fields: str


class Page(NamedTuple):
    who: str | None
    """The account of the sample that looks at it; None: nobody has signed in yet."""
    asks: tuple[Ask, ...]
    most: int


_QUARTER = "period=2023Q1"
_SIX = "group_by=unit,task_force,industry,origin,ownership,size"
_PARTS = "include=clock,five_ones,gates,amounts,moves,milestones,deals,evidence,contacts,plans"
_GROUP = "label.zh label.short_name? amount count entries_url"


def _of(name: str, fields: str) -> str:
    return " ".join(f"{name}.{field}" for field in fields.split())


PAGES: Mapping[str, Page] = {
    "sign-in": Page(None, (Ask("/sign-in", "ways sign_on_name password_min_length"),), 1),
    "workbench": Page(
        "demo-bureau",
        (
            Ask(
                "/me/tasks?with=quarter,agenda",
                f"""today scope.zh {_of("counts", "all past_due today soon overdue_projects returned")}
                {_of("counts", "answer assess milestone approval next_step five_ones by_kind.milestone.past_due")}
                {_of("items[]", "kind severity due_on days left.amount left.unit limit.amount limit.unit zh en amount")}
                {_of("items[]", "unit.short_name act.operation act.path others[].operation last_follow_up.on")}
                {_of("items[]", "amount_to? channel? answered_on? next_step? milestone.name milestone.planned_on")}
                {_of("items[].draft", "kind agreement_no signed_on project.name is_drafted_by_me gates_missing[].zh")}
                {_of("items[].subject", "type id code name stage version is_illustrative")}
                {_of("agenda.days[]", "on is_workday count")} {_of("agenda.items[]", "zh due_on kind subject.name")}
                {_of("quarter", "period amount_yi count same_quarter_landed entries_url")}""",
            ),
        ),
        1,
    ),
    "cockpit": Page(
        "demo-leader",
        (
            Ask(
                f"/totals/overview?{_QUARTER}&{_SIX}",
                f"""period scope.zh known_at
                {_of("signings", "amount_yi count same_quarter_landed terminations.count entries_url caliber.zh")}
                {_of("signings.parts.largest[]", "deal.project_name deal.code amount entries_url is_illustrative")}
                {_of("signings.parts.rest", "count amount entries_url")}
                {_of("signings.trend[]", "month amount count is_in_period entries_url")}
                {" ".join(_of(f"signings.groups.{by}[]", _GROUP) for by in _SIX[9:].split(","))}
                {_of("collective_start", "amount_yi count rows_url from_1_yi.count from_1_yi.rows_url caliber.zh")}
                {_of("started_or_resumed", "amount_yi count without_amount new.count resumed.count rows_url")}
                {_of("planned_year", "amount.planned_total_yi amount.planned_this_year_yi count rows_url")}
                {_of("planned_year.started", "count amount rows_url")}
                """,
            ),
            Ask(
                f"/totals/funnel?{_QUARTER}&pool=promotion",
                f"""pool caliber.zh
                {_of("stages[]", "name_zh name_en entered entered_url left_forward left_forward_url median_days")}
                {_of("stages[].present", "count overdue overdue_url amount without_amount rows_url")}""",
            ),
            Ask(
                "/totals/attention",
                f"""today overdue.count overdue.rows_url {_of("overdue.by_stage[]", "name_zh count rows_url")}
                {_of("five_ones", "count is_late.count lacks_leader.count rows_url")}
                {_of("leads", "unanswered.count unanswered.rows_url overdue.count worst.days worst.lead.name")}
                {_of("deals", "count amount rows_url")} {_of("milestones", "overdue.count due_in_14.rows_url")}""",
            ),
            Ask(
                f"/published-figures?{_QUARTER}",
                f"""items[].label.zh items[].is_equal items[].comparison.zh
                {_of("items[].published", "count amount min_planned_total source explanation")}
                {_of("items[].system", "count amount rows_url reason_zh")}
                {_of("items[].difference", "count amount")}""",
            ),
        ),
        6,
    ),
    "board": Page(
        "demo-bureau",
        (
            Ask(
                "/pipeline/board?pool=promotion",
                f"""today filter.pool scope.zh
                {_of("columns[]", "stage name_zh limits[].amount count overdue cards_url")}
                {_of("columns[].sum[]", "pool planned_total_yi without_amount")}
                {_of("columns[].cards[]", "id version code name is_illustrative unit.short_name leader.name")}
                {_of("columns[].cards[]", "planned_total days_in_stage is_overdue may")}
                {_of("columns[].cards[].clock", "kind days_left share limit_days")}
                {_of("columns[].cards[].five_ones", "project leader team plan followed_through")}""",
            ),
        ),
        1,
    ),
    "ledger": Page(
        "demo-bureau",
        (
            Ask(
                "/projects?with=count,sum&planned_total_min=100000000&sort=-planned_total",
                f"""today count.value next_cursor {_of("sum[]", "pool count planned_total_yi")}
                {_of("items[]", "id version code name is_illustrative stage days_in_stage due_on is_overdue may")}
                {_of("items[]", "leader.name unit.short_name task_force.short_name planned_total investor.name")}
                {_of("items[]", "last_activity_on industry.zh clock.kind clock.share clock.days_left")}
                {_of("items[].five_ones", "project leader team plan followed_through")}""",
            ),
        ),
        1,
    ),
    "project": Page(
        "demo-bureau",
        (
            Ask(
                f"/projects/{{project}}?{_PARTS}",
                f"""version code name is_illustrative program status stage unit.name task_force.name investor.name
                planned_total due_on industry.zh place.name may.move? may.edit? may.follow_up?
                {_of("clock", "kind since due_on limit_days days_left share")}
                five_ones.is_complete {_of("five_ones.ones[]", "code state is_complete missing_zh?")}
                {_of("five_ones", "leader.official_name plan.number continuity.rate continuity.days")}
                {_of("five_ones.team", "lead_unit.name leader.name contact.name members[].official.name")}
                {_of("gates.gates[]", "code zh en is_met acts met_by?")} gates.moves[].to
                {_of("amounts[]", "kind value effective_on source")} {_of("moves[]", "to_stage happened_on kind")}
                {_of("milestones[]", "name planned_on leads_to")}
                {_of("deals[]", "code agreement_no agreed_amount signed_on")}
                evidence[].kind contacts plans[].number""",
            ),
            Ask(
                "/projects/{project}/activity",
                _of("items[]", "id kind at on actor.name zh en body next_step? changes refs"),
            ),
        ),
        2,
    ),
    "leads": Page(
        "demo-bureau",
        (
            Ask(
                "/leads?with=count",
                f"""today count.value
                {_of("items[]", "id version code name channel status unit.name first_unit.name may")}
                {_of("items[]", "investor.name estimate_from estimate_to reported_on days_waiting is_overdue")}
                {_of("items[].clock", "code due_on workdays_left")}""",
            ),
        ),
        1,
    ),
    "lead": Page(
        "demo-bureau",
        (
            Ask("/leads/{lead}", "version code name status may.assess? may.convert? unit.name answer_due_on"),
            Ask("/leads/{lead}/activity", _of("items[]", "kind at zh en actor.name")),
        ),
        2,
    ),
    "deals": Page(
        "demo-bureau",
        (
            Ask(
                "/deals?with=count,sum",
                f"""today count.value sum.count sum.agreed_amount_yi
                {_of("items[]", "id version code title kind status agreement_no signed_on agreed_amount")}
                {_of("items[]", "is_illustrative project.name investor.name unit.name task_force.name")}
                {_of("items[]", "drafted_by gates_missing")}""",
            ),
        ),
        1,
    ),
    "approving a deal": Page(
        "demo-bureau",
        (
            Ask(
                "/deals/{draft}",
                """version code title agreed_amount signed_on? agreement_no? investor.name drafted_by may.approve?
                may.return? may.edit? may.discard?""",
            ),
            Ask("/deals/{draft}/gates", f"is_open {_of('gates[]', 'code zh en is_met acts')}"),
            Ask("/deals/{draft}/approval/preview", "entries totals"),
        ),
        3,
    ),
    "a total, opened": Page(
        "demo-leader",
        (
            Ask(
                f"/totals/signings?{_QUARTER}&group_by=month,unit,task_force",
                f"""amount_yi count same_quarter_landed gross.amount terminations.count caliber.zh
                {_of("groups.unit[]", _GROUP)}""",
            ),
            Ask(
                f"/totals/signings/entries?{_QUARTER}",
                f"""count.value {_of("sum", "count amount landed")}
                {_of("items[]", "effective_on kind count amount landed unit.short_name industry.zh is_illustrative")}
                {_of("items[]", "task_force.short_name deal.code deal.project_name deal.href")}""",
            ),
        ),
        2,
    ),
    "published figures": Page(
        "demo-leader",
        (Ask(f"/published-figures?{_QUARTER}", "items[].label.zh items[].is_equal items[].published.explanation"),),
        1,
    ),
    "enterprises": Page(
        "demo-bureau",
        (
            Ask(
                "/enterprises?with=count,business",
                f"""count.value {_of("items[]", "id name origin ownership may")}
                {_of("items[].business", "projects projects_url deals signed_amount last_contact_on")}""",
            ),
        ),
        1,
    ),
    "enterprise": Page(
        "demo-bureau",
        (
            Ask("/enterprises/{enterprise}", "version name may.edit? may.merge?"),
            Ask("/projects?investor_id={enterprise}", _of("items[]", "code name stage planned_total agreed_amount")),
            Ask("/enterprises/{enterprise}/activity", _of("items[]", "kind at zh en")),
        ),
        3,
    ),
    "task forces": Page(
        "demo-leader",
        (
            Ask(
                "/task-forces/performance?year=2023",
                f"""{_of("items[]", "task_force.short_name leader.name projects projects_url overdue overdue_url")}
                {_of("items[]", "signings.target signings.reached amount.rate same_quarter_landed.reached")}""",
            ),
        ),
        1,
    ),
    "officials": Page(
        "demo-bureau",
        (
            Ask(
                "/officials?with=count,led",
                f"""count.value {_of("items[]", "id name posts may")}
                {_of("items[].led", "projects projects_url overdue overdue_url gaps")}""",
            ),
        ),
        1,
    ),
    "inbox": Page(
        "demo-bureau", (Ask("/inbox", f"counts {_of('items[]', 'id state type source.name received_at')}"),), 1
    ),
    "sources": Page(
        "demo-system-admin",
        (
            Ask(
                "/webhook-sources?include=counts",
                _of("items[]", "id name is_active is_trusted last_received_at counts may"),
            ),
        ),
        1,
    ),
    "endpoints": Page(
        "demo-bureau",
        (
            Ask(
                "/webhook-endpoints?include=health",
                f"""{_of("items[]", "id name url types is_active owner_name may")}
                {_of("items[].health", "pending succeeded_in_24_hours failed_in_24_hours last_success_at?")}""",
            ),
            Ask("/webhook-deliveries?state=failed", _of("items[]", "id? endpoint_name? type? attempts?")),
        ),
        2,
    ),
    "users": Page(
        "demo-system-admin",
        (
            Ask(
                "/users?with=count",
                f"count.value {_of('items[]', 'name display_name roles is_locked unit.name official.name? may')}",
            ),
        ),
        1,
    ),
    "settings": Page("demo-system-admin", (Ask("/office-settings", ""),), 1),
    "stages": Page("demo-system-admin", (Ask("/pipeline/stages", ""),), 1),
    "calendar": Page("demo-bureau", (Ask("/calendars/2023", ""),), 1),
    "jobs": Page("demo-system-admin", (Ask("/jobs", ""),), 1),
    "audit": Page("demo-auditor", (Ask("/audit", _of("items[]", "id at type outcome actor_name")),), 1),
    "search": Page(
        "demo-bureau",
        (Ask("/search?q=三木", _of("items[]", "type id code name note_zh stage? match url_hint")),),
        1,
    ),
    "saved views": Page(
        "demo-bureau",
        (
            Ask("/views?room=projects", ""),
            Ask("/views/counts?room=projects", "counts"),
        ),
        2,
    ),
}
"""The rows of «Page by page», a page with records of its own as two: the list, and the record."""


def values(answer: Any, field: str) -> Iterator[Any]:
    """Yields what an answer holds under a dotted name. Raises KeyError where it is missing."""
    name, _, rest = field.partition(".")
    is_list, key = name.endswith("[]"), name.removesuffix("[]")
    held = answer[key]
    for one in held if is_list else [held]:
        if not rest:
            yield one
        elif one is not None:
            yield from values(one, rest)


def missing(answer: Any, fields: str) -> list[str]:
    """Returns the fields that an answer lacks, or has nowhere filled in."""
    found = []
    for field in fields.split():
        try:
            held = list(values(answer, field.removesuffix("?")))
        except (KeyError, TypeError) as error:
            found.append(f"{field} ({error!r})")
            continue
        if not field.endswith("?") and all(one is None for one in held):
            found.append(field)
    return found


class Visit(NamedTuple):
    """A page as it was asked for: its requests, and what their answers lack."""

    requests: list[str]
    lacking: list[str]


async def visit(world: World) -> dict[str, Visit]:
    """Asks for every page, on a world with the sample, as those accounts do, signed in."""
    world.clock.moment = system_now()  # a session begun before the sample set its passwords would have ended
    headers = {page.who: await session_of(world, page.who) for page in PAGES.values() if page.who is not None}
    async with sign_in_required(world):

        async def get(who: str | None, path: str) -> httpx.Response:
            return await world.client.get(f"/api/v1{path}", headers=headers[who] if who is not None else None)

        async def first(path: str) -> str:
            answer = await get("demo-bureau", path)
            assert answer.status_code == 200, (path, answer.text)
            return str(answer.json()["items"][0]["id"])

        ids = {
            "project": await first("/projects?pool=promotion&stage=signed&five_ones=complete&limit=1"),
            "lead": await first("/leads?limit=1"),
            "draft": await first("/deals?approvable=true&limit=1"),
            "enterprise": await first("/enterprises?q=三木&limit=1"),
        }
        visits = {}
        for name, page in PAGES.items():
            lacking = []
            for ask in page.asks:
                answer = await get(page.who, ask.path.format(**ids))
                assert answer.status_code == 200, (name, ask.path, answer.text)
                lacking += [f"{ask.path}: {field}" for field in missing(answer.json(), ask.fields)]
            visits[name] = Visit([ask.path for ask in page.asks], lacking)
    return visits
