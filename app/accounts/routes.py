from fastapi import APIRouter

from app.accounts.roles import GRANTS
from app.accounts.schemas import MeRead, RoleTable, role_read
from app.core.actor import CurrentActor, label_of
from app.core.routing import Route

router = APIRouter(route_class=Route, tags=["账号 accounts"])


@router.get("/me", summary="我是谁、能做什么 Who I am and what I may do")
async def get_me(actor: CurrentActor) -> MeRead:
    return MeRead(
        id=actor.id,
        name=actor.name,
        kind=actor.kind,
        roles=[role_read(role, GRANTS[role].reach, GRANTS[role].permissions) for role in GRANTS if role in actor.roles],
        permissions=[label_of(permission) for permission in sorted(actor.permissions)],
        sees_all=actor.sees_all,
        unit_ids=sorted(actor.unit_ids or ()),
        task_force_ids=sorted(actor.task_force_ids),
        official_id=actor.official_id,
    )


@router.get("/roles", summary="各角色的范围与权限 What each role may do")
async def list_roles(_actor: CurrentActor) -> RoleTable:
    return RoleTable(items=[role_read(role, grant.reach, grant.permissions) for role, grant in GRANTS.items()])
