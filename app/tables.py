"""All tables, for Alembic: importing a module registers its tables."""

import app.accounts.models
import app.audit.models
import app.construction.models
import app.controls.models
import app.core.codes
import app.core.idempotency
import app.core.knowledge
import app.core.office
import app.deals.models
import app.enterprises.models
import app.events.models
import app.events.written_rows
import app.five_ones.models
import app.jobs.models
import app.leads.models
import app.mine.models
import app.organizations.models
import app.projects.amounts
import app.projects.contacts
import app.projects.evidence
import app.projects.follow_ups
import app.projects.members
import app.projects.models
import app.projects.moves
import app.projects.stages
import app.projects.vouchers
import app.published.models
import app.reference.models
import app.referrers.models
import app.search.following
import app.search.models
import app.taskforces.models
import app.views.models
import app.webhooks.inbound.models
import app.webhooks.outbound.models
from app.core.db import Base

metadata = Base.metadata
