"""Routes of administrators: users, their roles, passwords and tokens, and the settings of the office."""

from uuid import UUID

from fastapi import Request, Response

from app.accounts import binding, credentials, office_settings, service, tokens
from app.accounts.office_settings import OfficeKey, OfficeSettingRead, OfficeSettings, OfficeSettingSet
from app.accounts.schemas import (
    PasswordIssued,
    RolesGrant,
    SignOnArrivalRead,
    SignOnArrivals,
    SignOnBind,
    TokenIssue,
    TokenIssued,
    TokenList,
    TokenRead,
    UserCreate,
    UserRead,
    UserUpdate,
)
from app.accounts.sessions import Use
from app.controls import answer
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.routing import SHOWN_ONCE, IfMatch, Router, problems

router = Router(tags=["账号 accounts"])


@router.post("/users", status_code=201, summary="新增账号 Add a user")
@problems("user_name_taken")
async def create_user(body: UserCreate, response: Response, session: WriteSession, actor: CurrentActor) -> UserRead:
    user = await service.add(session, actor, body)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return user


@router.patch("/users/{user_id}", summary="修改账号 Edit a user")
@problems("own_account")
async def update_user(
    user_id: UUID, body: UserUpdate, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> UserRead:
    return await service.edit(session, actor, user_id, version, body)


@router.put("/users/{user_id}/roles", summary="授予角色 Set a user's roles")
@problems("account_unseen own_account")
async def grant_roles(
    user_id: UUID, body: RolesGrant, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> UserRead:
    return await service.grant(session, actor, user_id, body.roles, body.task_force_ids, version)


@router.post("/users/{user_id}/lock", summary="锁定账号 Lock a user out")
@problems("own_account unchanged")
async def lock_user(user_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch) -> UserRead:
    return await service.set_locked(session, actor, user_id, True, version)


@router.post("/users/{user_id}/unlock", summary="解除锁定 Let a user in again")
@problems("own_account unchanged")
async def unlock_user(user_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch) -> UserRead:
    return await service.set_locked(session, actor, user_id, False, version)


@router.post(
    "/users/{user_id}/password", status_code=201, summary="重置口令 Reset a user's password", openapi_extra=SHOWN_ONCE
)
@problems("administrator_reset")
async def reset_password(user_id: UUID, session: WriteSession, actor: CurrentActor) -> PasswordIssued:
    user = await service.lock(session, user_id)
    return PasswordIssued(password=await credentials.reset(session, actor, user))


@router.post(
    "/users/{user_id}/password/release",
    status_code=201,
    summary="放行重置的口令 Release a reset password",
    openapi_extra=SHOWN_ONCE,
)
@problems("nothing_to_release reset_by_you reset_lapsed")
async def release_password(user_id: UUID, session: WriteSession, actor: CurrentActor) -> PasswordIssued:
    user = await service.lock(session, user_id)
    return PasswordIssued(password=await credentials.release(session, actor, user))


@router.delete("/users/{user_id}/second-factor", status_code=204, summary="停用动态口令 Remove a user's second factor")
@problems("administrator_reset no_password unchanged")
async def remove_second_factor(user_id: UUID, session: WriteSession, actor: CurrentActor) -> None:
    await credentials.remove_second_factor(session, actor, await service.lock(session, user_id))


@router.get("/users/{user_id}/tokens", summary="账号的令牌 A user's tokens")
async def list_tokens(user_id: UUID, session: SnapshotSession, _actor: CurrentActor) -> TokenList:
    user = await service.get(session, user_id)
    return TokenList(items=[TokenRead.model_validate(row) for row in await tokens.of_user(session, user.id)])


@router.post(
    "/users/{user_id}/tokens",
    status_code=201,
    summary="为“系统对接”账号签发令牌 Make a token of an integration",
    openapi_extra=SHOWN_ONCE,
)
@problems("token_of_somebody_else tokens_too_often")
async def issue_token(user_id: UUID, body: TokenIssue, session: WriteSession, actor: CurrentActor) -> TokenIssued:
    return tokens.issued(*await tokens.issue(session, actor, user_id, body))


@router.delete("/users/{user_id}/tokens/{token_id}", status_code=204, summary="撤销令牌 Revoke a user's token")
@problems("unchanged")
async def revoke_token(user_id: UUID, token_id: UUID, session: WriteSession, actor: CurrentActor) -> None:
    await tokens.revoke(session, actor, token_id, user_id=user_id)


@router.get("/office-settings", summary="本局设置 What the office decides for itself")
async def list_office_settings(session: SnapshotSession, _actor: CurrentActor) -> OfficeSettings:
    return await office_settings.find(session)


@router.put(
    "/office-settings/{key}",
    summary="修改设置 Change a setting",
    response_model=OfficeSettingRead,
    responses=answer.WAITS,
)
@problems("change_pending sign_on_first")
async def set_office_setting(
    key: OfficeKey, body: OfficeSettingSet, request: Request, session: WriteSession, actor: CurrentActor
) -> OfficeSettingRead | Response:
    use: Use | None = getattr(request.state, "use", None)
    result = await office_settings.put(session, actor, key, body, use.way if use is not None else None)
    return answer.accepted_or(session, result)


@router.put("/users/{user_id}/sign-on", summary="绑定单点登录 Bind a user to single sign-on")
@problems("administrator_reset integration_bound sign_on_bound sign_on_off unchanged")
async def bind_sign_on(
    user_id: UUID,
    body: SignOnBind,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> UserRead:
    issuer = request.app.state.settings.sign_on_issuer
    return await binding.bind(session, actor, user_id, issuer, body.subject, version)


@router.delete("/users/{user_id}/sign-on", summary="解除单点登录绑定 Unbind a user from single sign-on")
@problems("administrator_reset unchanged")
async def unbind_sign_on(user_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch) -> UserRead:
    return await binding.unbind(session, actor, user_id, version)


@router.get("/sign-on/arrivals", summary="未绑定的单点登录来访 Who came by single sign-on and has no account")
async def list_sign_on_arrivals(session: ReadSession, _actor: CurrentActor) -> SignOnArrivals:
    return SignOnArrivals(items=[SignOnArrivalRead.model_validate(row) for row in await binding.arrivals(session)])
