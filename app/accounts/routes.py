"""Routes of the user: signing in and out, one's own sessions, password, second factor and tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError

from app.accounts import credentials, devices, onward, password_sign_in, sessions, single_sign_on, tokens
from app.accounts.authentication import CurrentUse
from app.accounts.models import Must, SignInSession, Way
from app.accounts.roles import GRANTS
from app.accounts.schemas import (
    PasswordChange,
    RoleTable,
    SecondFactorBegun,
    SecondFactorConfirm,
    SecondFactorRemove,
    SessionItem,
    SessionList,
    SessionRead,
    SignedInRead,
    SignIn,
    SignInRules,
    TokenIssue,
    TokenIssued,
    TokenList,
    TokenRead,
    role_read,
)
from app.accounts.sessions import Use
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core.actor import CurrentActor
from app.core.config import Settings
from app.core.db import ReadSession, WriteSession, database
from app.core.errors import Unavailable
from app.core.routing import ANY_PARAMETER, SECRET, SHOWN_ONCE, Router, problems

router = Router(tags=["账号 accounts"])

_FromProvider = Annotated[str | None, Query(description="由身份提供方带回 / sent back by the provider")]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _session_read(settings: Settings, row: SignInSession, token: str, must: tuple[Must, ...]) -> SessionRead:
    return SessionRead(
        csrf_token=sessions.csrf_token(token),
        must=[action.label for action in must],
        idle_minutes=settings.session_idle_minutes,
        expires_at=row.expires_at,
    )


@router.get("/sign-in", summary="登录须知 What to know before signing in")
async def get_sign_in(request: Request, session: ReadSession) -> SignInRules:
    settings = _settings(request)
    ways = [Way.password] if await password_sign_in.takes_passwords(session, settings) else []
    if settings.sign_on_issuer is not None:
        ways.append(Way.single_sign_on)
    return SignInRules(ways=ways, sign_on_name=settings.sign_on_name, password_min_length=settings.password_min_length)


def _to_sign_in(problem: single_sign_on.Failed) -> RedirectResponse:
    return RedirectResponse(f"/login?problem={problem.code}", 303)


@router.get(
    "/sign-on",
    summary="单点登录 Sign in by single sign-on",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=ANY_PARAMETER,
    responses={303: {"description": "转至提供方，或带原因转回登录页 / to the provider, or back with a reason"}},
)
async def begin_sign_on(
    request: Request,
    next: Annotated[str | None, Query(description="登录后的去处，限本站 / where to go on to, on this site")] = None,
) -> RedirectResponse:
    try:
        begun = await single_sign_on.begin(database(request), request.app.state.sign_on, next)
    except single_sign_on.Failed as problem:
        return _to_sign_in(problem)
    response = RedirectResponse(begun.address, 303)
    sessions.set_cookie(request, response, begun.cookie_value, begun.cookie_name, single_sign_on.WITHIN)
    return response


@router.get(
    "/sign-on/callback",
    summary="单点登录返回 Where the provider sends the browser back to",
    status_code=303,
    response_class=RedirectResponse,
    responses={303: {"description": "已登录，或带原因转回登录页 / signed in, or back with a reason"}},
    openapi_extra=ANY_PARAMETER,
)
async def complete_sign_on(
    request: Request,
    state: _FromProvider = None,
    code: _FromProvider = None,
    iss: _FromProvider = None,
    error: _FromProvider = None,
) -> RedirectResponse:
    name = single_sign_on.cookie_name(state or "")
    query = request.query_params
    is_plain = all(len(query.getlist(name)) < 2 for name in ("state", "code", "iss", "error"))
    answer = single_sign_on.Answer(state, code, iss, error) if is_plain else single_sign_on.Answer()
    try:
        signed_on = await single_sign_on.complete(
            database(request),
            request.app.state.sign_on,
            trail.of(request),
            answer,
            sessions.cookie(request, name),
            sessions.token_of(request),
        )
    except single_sign_on.Failed as problem:
        response = _to_sign_in(problem)
    except (SQLAlchemyError, Unavailable):
        response = _to_sign_in(single_sign_on.Failed("sign_on_unreachable"))
    else:
        response = RedirectResponse(signed_on.onward, 303)
        sessions.set_cookie(request, response, signed_on.token)
    if sessions.cookie(request, name) is not None:
        sessions.delete_cookie(request, response, name)
    return response


@router.post("/session", status_code=201, summary="登录 Sign in", openapi_extra=SHOWN_ONCE)
@problems("code_required password_sign_in_off sign_in_failed sign_in_suspended")
async def create_session(body: SignIn, request: Request, response: Response) -> SignedInRead:
    device = sessions.cookie(request, devices.COOKIE)
    signed_in = await password_sign_in.sign_in(
        database(request), trail.of(request), body, sessions.token_of(request), device
    )
    sessions.set_cookie(request, response, signed_in.token)
    sessions.set_cookie(request, response, signed_in.device, devices.COOKIE, devices.KEPT)
    read = _session_read(_settings(request), signed_in.row, signed_in.token, signed_in.must)
    return SignedInRead(**read.model_dump(), notices=signed_in.notices, onward=onward.within_this_site(body.next))


@router.get("/session", summary="本次登录 This session", openapi_extra=SECRET)
@problems("not_found")
async def get_session(request: Request, session: ReadSession, use: CurrentUse) -> SessionRead:
    row = await sessions.get(session, use.session_id)
    return _session_read(_settings(request), row, use.token, use.must)


@router.delete("/session", status_code=204, summary="退出登录 Sign out")
@problems("not_found")
async def sign_out(
    request: Request, response: Response, session: WriteSession, actor: CurrentActor, use: CurrentUse
) -> None:
    await sessions.end_own(session, use.user_id, use.session_id)
    await trail.record(session, actor, SecurityEventType.signed_out, Subject("user", use.user_id))
    sessions.delete_cookie(request, response)


@router.get("/me/sessions", summary="我的登录 Where I am signed in")
async def list_sessions(request: Request, session: ReadSession, use: CurrentUse) -> SessionList:
    rows = await sessions.of_user(session, _settings(request), use.user_id)
    return SessionList(items=[_item(row, use) for row in rows])


def _item(row: SignInSession, use: Use) -> SessionItem:
    fields = {name: getattr(row, name) for name in SessionItem.model_fields.keys() - {"is_this"}}
    return SessionItem(**fields, is_this=row.id == use.session_id)


@router.delete("/me/sessions/{session_id}", status_code=204, summary="撤销我的一次登录 End one of my sessions")
async def end_session(session_id: UUID, session: WriteSession, actor: CurrentActor, use: CurrentUse) -> None:
    await sessions.end_own(session, use.user_id, session_id)
    await trail.record(session, actor, SecurityEventType.session_revoked, Subject("session", session_id))


@router.put("/me/password", status_code=204, summary="修改我的口令 Change my password")
@problems("no_password not_found sign_in_suspended")
async def change_password(body: PasswordChange, request: Request, actor: CurrentActor, use: CurrentUse) -> None:
    await credentials.change(database(request), trail.of(request), actor, use, body)


@router.post(
    "/me/second-factor", status_code=201, summary="申请动态口令 Begin a second factor", openapi_extra=SHOWN_ONCE
)
@problems("no_password second_factor_set")
async def begin_second_factor(request: Request, session: WriteSession, use: CurrentUse) -> SecondFactorBegun:
    return await credentials.begin_second_factor(session, _settings(request), use)


@router.post("/me/second-factor/confirmation", status_code=204, summary="启用动态口令 Confirm the second factor")
@problems("no_password nothing_to_confirm")
async def confirm_second_factor(
    body: SecondFactorConfirm, request: Request, session: WriteSession, actor: CurrentActor, use: CurrentUse
) -> None:
    await credentials.confirm_second_factor(session, _settings(request), actor, use, body.code)


@router.post("/me/second-factor/removal", status_code=204, summary="停用动态口令 Remove my second factor")
@problems("no_password not_found sign_in_suspended unchanged")
async def remove_own_second_factor(
    body: SecondFactorRemove, request: Request, actor: CurrentActor, use: CurrentUse
) -> None:
    password = body.password.get_secret_value()
    await credentials.remove_own_second_factor(database(request), trail.of(request), actor, use, password)


@router.get("/me/tokens", summary="我的令牌 My tokens")
async def list_own_tokens(session: ReadSession, use: CurrentUse) -> TokenList:
    return TokenList(items=[TokenRead.model_validate(row) for row in await tokens.of_user(session, use.user_id)])


@router.post("/me/tokens", status_code=201, summary="签发我的令牌 Make a token of mine", openapi_extra=SHOWN_ONCE)
@problems("tokens_too_often")
async def issue_own_token(body: TokenIssue, session: WriteSession, actor: CurrentActor, use: CurrentUse) -> TokenIssued:
    return tokens.issued(*await tokens.issue(session, actor, use.user_id, body))


@router.delete("/me/tokens/{token_id}", status_code=204, summary="撤销我的令牌 Revoke a token of mine")
@problems("unchanged")
async def revoke_own_token(token_id: UUID, session: WriteSession, actor: CurrentActor, use: CurrentUse) -> None:
    await tokens.revoke(session, actor, token_id, user_id=use.user_id)


@router.get("/roles", summary="各角色的范围与权限 What each role may do")
async def list_roles(_actor: CurrentActor) -> RoleTable:
    return RoleTable(items=[role_read(role, grant.reach, grant.permissions) for role, grant in GRANTS.items()])
