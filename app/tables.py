"""Every table in the house, for Alembic: importing a room's models registers them."""

from app.construction import models as construction
from app.core import codes, idempotency, knowledge, office
from app.core.db import Base
from app.deals import models as deals
from app.enterprises import models as enterprises
from app.events import models as events
from app.five_ones import models as five_ones
from app.organizations import models as organizations
from app.projects import amounts, evidence, members, moves, stages
from app.projects import models as projects
from app.reference import models as reference
from app.taskforces import models as taskforces

metadata = Base.metadata

ROOMS = (
    codes,
    idempotency,
    knowledge,
    office,
    events,
    reference,
    organizations,
    enterprises,
    taskforces,
    projects,
    stages,
    amounts,
    evidence,
    members,
    moves,
    construction,
    five_ones,
    deals,
)
