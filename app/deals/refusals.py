"""What the status of a deal refuses: asked by the acts, and by the room `rights` for the hints of a page.

Each function returns the refusal, or None where nothing prevents the act.
"""

from typing import Protocol

from app.core.errors import Conflict
from app.core.localized import Say
from app.deals.models import LINE_HAS_LIVE_DEAL, DealKind, DealStatus


class Judged(Protocol):
    """What the refusals look at: a deal, or a row of a list with these columns."""

    @property
    def kind(self) -> DealKind: ...
    @property
    def status(self) -> DealStatus: ...


def not_a_draft(deal: Judged) -> Conflict | None:
    if deal.status is DealStatus.draft:
        return None
    say = Say(
        f"签约{deal.status.say.zh}，不能再改；有效签约请用变更、更正、流转或终止。",
        f"The deal is {deal.status.say.en}; amend, correct, transfer or terminate it instead.",
    )
    return Conflict(say, code="not_a_draft")


def submitted(*, is_submitted: bool) -> Conflict | None:
    if not is_submitted:
        return None
    return Conflict(Say("草稿已送审，等待审核。", "The draft is submitted and awaits approval."), code="submitted")


def not_submitted(*, is_submitted: bool) -> Conflict | None:
    if is_submitted:
        return None
    return Conflict(Say("草稿没有送审，无须退回。", "The draft is not submitted."), code="not_submitted")


def second(*, line_has_live: bool) -> Conflict | None:
    """Returns the refusal of a second live formal deal on a line: the parent or the phases may have one, not both."""
    return Conflict(LINE_HAS_LIVE_DEAL, code="line_has_live_deal") if line_has_live else None


def not_live_formal(deal: Judged) -> Conflict | None:
    if deal.status is DealStatus.live and deal.kind is DealKind.formal:
        return None
    say = Say("只有有效的投资协议可以这样办理。", "Only a live formal deal can be dealt with so.")
    return Conflict(say, code="not_live")


def not_live(deal: Judged) -> Conflict | None:
    if deal.status is DealStatus.live:
        return None
    return Conflict(Say("只有有效的签约可以终止。", "Only a live deal is terminated."), code="not_live")


def not_correctable(deal: Judged) -> Conflict | None:
    if deal.kind is DealKind.formal and deal.status in (DealStatus.live, DealStatus.terminated):
        return None
    say = Say("只有审核通过的投资协议可以更正；草稿直接修改。", "Only an approved formal deal is corrected.")
    return Conflict(say, code="not_correctable")
