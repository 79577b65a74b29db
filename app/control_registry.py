"""The controls of every room that take two people to loosen; used by the server."""

from app.accounts import actors, office_settings
from app.controls.kinds import Control, Controls
from app.controls.models import ControlKind
from app.jobs import schedules
from app.leads import clocks
from app.office import calendar, stages
from app.organizations import service as organizations
from app.webhooks.inbound import sources


def controls() -> Controls:
    of = {
        ControlKind.office_setting: Control(office_settings.present, office_settings.carry_out),
        ControlKind.stage: Control(stages.present, stages.carry_out),
        ControlKind.lead_clock: Control(clocks.present, clocks.carry_out),
        ControlKind.calendar: Control(calendar.present, calendar.carry_out),
        ControlKind.job_schedule: Control(schedules.present, schedules.carry_out),
        ControlKind.webhook_source: Control(sources.present, sources.carry_out),
        ControlKind.webhook_secret: Control(sources.present_secret, sources.carry_out_secret),
        ControlKind.unit_parent: Control(organizations.present_parents, organizations.carry_out_parent),
    }
    return Controls(of, actors.holds)
