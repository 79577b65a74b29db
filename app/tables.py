"""Every table in the house, for Alembic: importing a room's models registers them."""

from app.accounts import models as accounts
from app.audit import models as audit
from app.construction import models as construction
from app.controls import models as controls
from app.core import codes, idempotency, knowledge, office
from app.core.db import Base
from app.deals import models as deals
from app.enterprises import models as enterprises
from app.events import models as events
from app.events import written_rows
from app.five_ones import models as five_ones
from app.jobs import models as jobs
from app.leads import models as leads
from app.organizations import models as organizations
from app.projects import amounts, contacts, evidence, follow_ups, members, moves, stages, vouchers
from app.projects import models as projects
from app.published import models as published
from app.reference import models as reference
from app.referrers import models as referrers
from app.taskforces import models as taskforces
from app.webhooks.inbound import models as inbound_webhooks
from app.webhooks.outbound import models as outbound_webhooks

metadata = Base.metadata

ROOMS = (
    codes,
    idempotency,
    knowledge,
    office,
    events,
    written_rows,
    audit,
    jobs,
    controls,
    reference,
    organizations,
    enterprises,
    taskforces,
    referrers,
    projects,
    stages,
    amounts,
    contacts,
    evidence,
    vouchers,
    follow_ups,
    members,
    moves,
    leads,
    construction,
    five_ones,
    deals,
    published,
    accounts,
    inbound_webhooks,
    outbound_webhooks,
)
