"""Which right each operation requires. It is checked before anything else; verbs may require further rights.

Every operation is listed here by its name.
"""

from dataclasses import dataclass

from app.accounts.models import Must
from app.controls.kinds import ASKED_WITH, CONFIRMED_WITH
from app.core.actor import Actor, ActorKind, Permission
from app.core.errors import Forbidden, Problem, refuse
from app.core.localized import Say

READS = frozenset({"GET", "HEAD", "OPTIONS"})

OPEN = frozenset(
    {"get_sign_in", "create_session", "begin_sign_on", "complete_sign_on", "receive_hook", "begin_display"}
)
"""The operations open without authentication, besides health."""

POLLED = frozenset({"get_totals_head", "get_my_counts", "get_wall"})
"""Operations that a page calls by itself: they are no use of the session, which expires while nobody works."""

DISPLAYED = frozenset({"get_wall"})
"""All that a display may call."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What an operation requires: one of the rights `any_of`, where it is not empty. `in_person`: signed in, not by a
    token, which is no person and can be lost; `at_once`: allowed also while the user must do something first, such as
    changing the password; `without_role`: allowed also without a role."""

    any_of: frozenset[Permission] = frozenset()
    in_person: bool = False
    at_once: bool = False
    without_role: bool = False


def _right(*any_of: Permission, in_person: bool = False) -> Wants:
    return Wants(frozenset(any_of), in_person=in_person)


_READ, _WRITE = _right(Permission.read), _right(Permission.write)
_STAFF = Wants()
"""Any role will do: how the city is organized, and no business records."""
_SELF = Wants(at_once=True, without_role=True)
_SELF_IN_PERSON = Wants(in_person=True, at_once=True, without_role=True)

_ASKS, _CONFIRMS = set(ASKED_WITH.values()), set(CONFIRMED_WITH.values())

_TABLE: tuple[tuple[Wants, str], ...] = (
    (
        _STAFF,
        """list_labels get_meta list_roles list_units get_unit get_unit_timeline list_officials get_official
        get_official_timeline list_official_activity list_task_forces get_task_force get_task_force_timeline
        list_industries list_evidence_kinds list_office_settings list_stages list_lead_clocks get_calendar
        list_webhook_event_types openapi docs redoc""",
    ),
    (
        _READ,
        """search list_enterprises get_enterprise get_enterprise_timeline list_contacts list_referrers get_referrer
        get_referrer_timeline
        check_duplicates list_similar list_leads get_lead_facets get_lead get_lead_timeline list_lead_follow_ups
        list_lead_contacts
        get_lead_first_talk get_project_first_talk get_project_gates get_project_targets list_project_moves
        get_board list_board_cards get_project_facets get_deal_facets
        list_project_activity list_lead_activity list_deal_activity list_enterprise_activity
        list_projects get_project get_project_timeline list_project_contacts list_project_amounts list_project_evidence
        get_plan_list list_project_plan_lists list_start_batches get_start_batch list_work_resumptions
        get_five_ones list_five_ones_gaps list_milestones list_official_projects list_leaders list_plans list_follow_ups
        list_deals get_deal get_deal_gates preview_approval list_deal_entries
        get_signings list_signing_entries get_overview get_funnel list_funnel_rows list_awaiting_signed_rows
        list_collective_start_rows list_started_or_resumed_rows list_planned_year_rows get_task_force_performance
        list_task_force_performances get_totals_head get_attention
        get_wall
        list_published_figures get_published_figure
        list_my_tasks get_my_counts
        export_projects export_leads export_deals export_five_ones_gaps export_milestones
        export_signing_entries export_collective_start_rows export_started_or_resumed_rows export_planned_year_rows
        export_awaiting_signed_rows export_funnel_rows""",
    ),
    (
        _WRITE,
        """create_enterprise update_enterprise add_ranking add_contact create_referrer update_referrer
        register_lead update_lead answer_lead assess_lead add_lead_follow_up add_lead_contact convert_lead
        dispute_lead_first_talk dispute_project_first_talk
        enter_project update_project move_project undo_move pause_project reactivate_project add_project_phase
        set_project_capacities add_project_contact add_project_amount add_project_evidence void_project_evidence
        add_work_resumption withdraw_work_resumption
        appoint_leader hand_over_leader set_team replace_team publish_plan report_milestone add_follow_up
        draft_deal update_deal discard_deal submit_deal""",
    ),
    (_right(Permission.write, Permission.transfer, Permission.keep_lists), "act_on_projects"),
    (_right(Permission.approve_deals), "approve_deal return_deal amend_deal preview_amendment"),
    (_right(Permission.terminate), "terminate_project terminate_deal preview_termination"),
    (
        _right(Permission.correct),
        "reinstate_project correct_move correct_deal preview_correction withdraw_project_phase",
    ),
    (_right(Permission.transfer), "transfer_project change_project_program"),
    (_right(Permission.merge), "merge_project merge_enterprise preview_project_merge preview_enterprise_merge"),
    (_right(Permission.rule_first_talks), "rule_lead_first_talk rule_project_first_talk"),
    (
        _right(Permission.keep_lists),
        """list_project_in_plan withdraw_project_from_plan create_start_batch withdraw_start_batch join_start_batch
        leave_start_batch enter_published_figure supersede_published_figure""",
    ),
    (
        _right(Permission.edit_organizations),
        """create_unit update_unit create_official update_official add_post end_post
        create_task_force update_task_force set_task_force_target""",
    ),
    (_right(Permission.edit_organizations, in_person=True), "set_unit_parent"),
    (_right(Permission.edit_stages, in_person=True), "set_stage set_lead_clock set_office_setting"),
    (
        _right(*_ASKS, *_CONFIRMS, Permission.read_audit),
        "list_control_changes get_control_change get_control_change_timeline",
    ),
    (_right(*_ASKS), "withdraw_control_change"),
    (_right(*_CONFIRMS), "refuse_control_change"),
    (_right(*_CONFIRMS, in_person=True), "confirm_control_change"),
    (_right(Permission.edit_calendar, in_person=True), "set_calendar"),
    (_STAFF, "get_job follow_job cancel_job"),
    (
        _right(Permission.operate),
        """list_jobs retry_job list_job_schedules
        list_webhook_sources get_webhook_source remove_webhook_source""",
    ),
    (
        _right(Permission.operate, in_person=True),
        "add_webhook_source rotate_webhook_source update_webhook_source set_job_schedule",
    ),
    (
        _right(Permission.keep_inbox),
        """list_inbox get_inbox_message get_inbox_body replay_inbox replay_inbox_message link_inbox_message
        dismiss_inbox_message skip_to_inbox_message""",
    ),
    (
        _right(Permission.keep_endpoints, Permission.operate),
        """list_webhook_endpoints get_webhook_endpoint remove_webhook_endpoint get_webhook_endpoint_health
        ping_webhook_endpoint list_webhook_deliveries list_undelivered_webhooks get_webhook_delivery
        replay_webhook_endpoint
        redeliver_webhook""",
    ),
    (_right(Permission.keep_endpoints, Permission.operate, in_person=True), "update_webhook_endpoint"),
    (
        _right(Permission.keep_endpoints, in_person=True),
        "add_webhook_endpoint rotate_webhook_endpoint take_over_webhook_endpoint",
    ),
    (_READ, "list_views get_view get_view_counts"),
    (_right(Permission.read, in_person=True), "create_view update_view delete_view"),
    (_SELF, "get_me"),
    (
        _SELF_IN_PERSON,
        """get_session sign_out list_sessions end_session change_password begin_second_factor confirm_second_factor
        remove_own_second_factor""",
    ),
    (
        Wants(in_person=True),
        "list_own_tokens issue_own_token revoke_own_token get_my_preferences set_my_preferences",
    ),
    (_right(Permission.manage_accounts, Permission.grant_roles), "list_users get_user list_displays"),
    (
        _right(Permission.manage_accounts, in_person=True),
        """create_user update_user lock_user unlock_user reset_password remove_second_factor
        bind_sign_on unbind_sign_on list_sign_on_arrivals
        list_tokens issue_token revoke_token add_display end_display""",
    ),
    (_right(Permission.grant_roles, in_person=True), "grant_roles release_password"),
    (_right(Permission.unmask, in_person=True), "unmask_contact unmask_official"),
    (_right(Permission.erase, in_person=True), "erase_contact"),
    (_right(Permission.read_audit), "list_audit export_audit"),
)
_WANTS = {operation: wants for wants, operations in _TABLE for operation in operations.split()}


def wanted(operation: str) -> Wants:
    """Returns what an operation requires. Raises Forbidden for one that is not in the table: it is closed to all."""
    wants = _WANTS.get(operation)
    if wants is None:
        raise Forbidden(Say("这个操作尚未开放。", "This operation is not open to anybody."), code="no_policy")
    return wants


SUSPENDED = Say(
    "账号由他人改动过（单位、口令、单点登录等），业务角色已暂停；请安全管理员核实后重新授予，经过见 GET /api/v1/me。",
    "Another person changed this account (unit, password, single sign-on or the like), so its roles are suspended; "
    "ask the security administrator to look into it and grant them again. GET /api/v1/me says what was changed.",
)


def _must_first(must: Must) -> Problem:
    return Forbidden(Say(f"请先{must.say.zh}。", f"First {must.say.en}."), code="first_do_this", must=must.value)


def not_in_person(actor: Actor, operation: str) -> Forbidden | None:
    """Returns the refusal of an operation that wants a person who has signed in, to a token."""
    if not wanted(operation).in_person or actor.kind is not ActorKind.token:
        return None
    say = Say("令牌不能这样做，请登录后办理。", "A token cannot do this; sign in.")
    return Forbidden(say, code="in_person")


def lacking(actor: Actor, operation: str) -> Forbidden | None:
    """Returns the refusal of an operation that names the missing right."""
    wants = wanted(operation)
    if not wants.any_of or wants.any_of & actor.permissions:
        return None
    return actor.lacks(sorted(wants.any_of)[0])


def require(actor: Actor, operation: str, must: tuple[Must, ...]) -> None:
    """Raises Forbidden where the actor may not call the operation. It names the missing right, or what to do first."""
    wants = wanted(operation)
    refuse(not_in_person(actor, operation))
    if must and not wants.at_once:
        raise _must_first(must[0])
    if actor.suspended_roles and not actor.roles and not wants.without_role:
        raise Forbidden(SUSPENDED, code="role_suspended")
    if not actor.roles and not wants.without_role:
        say = Say("账号还没有角色，请管理员授予。", "The account has no role yet; ask an administrator to grant one.")
        raise Forbidden(say, code="no_role")
    refuse(lacking(actor, operation))
