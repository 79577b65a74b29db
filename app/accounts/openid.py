"""OpenID Connect, as the party that relies on it: where the provider is, the way there, and what its answer proves.

Authorization code with PKCE (RFC 7636), OpenID Connect Core 1.0 §3.1, issuer identification (RFC 9207). What a token
says is believed only under a key of the provider's, by an algorithm whose keys are not shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app.core.config import Settings, is_loopback

_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Asymmetric ones alone: under `none` or an HMAC anybody who knows what is public could sign."""
_REQUIRED_OF_PROVIDERS = "RS256"
_KEPT = timedelta(hours=1)
_KEYS_ANEW_AFTER = timedelta(minutes=1)
_LEEWAY_SECONDS = 60
_SECONDS = 10.0
_LONGEST_ANSWER = 1024 * 1024
_LONGEST_SUBJECT = 255


log = structlog.get_logger(__name__)


class Unreachable(Exception):
    """The provider did not answer, or not as a provider does. The message is for the log alone."""


class NotProved(Exception):
    """Its answer proves nobody's identity. The message is for the log alone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to the provider. `subject` never changes and is never given to another; the rest may be."""

    issuer: str
    subject: str
    name: str | None
    user_name: str | None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one attempt is told by: in the address, in the token, and at the exchange of the code."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider as this process knows it. What it says of itself is kept for an hour, its keys until one is new."""

    def __init__(self, settings: Settings) -> None:
        assert settings.sign_on_issuer is not None
        assert settings.sign_on_client_id is not None
        assert settings.public_url is not None
        self.issuer = settings.sign_on_issuer
        self._client_id = settings.sign_on_client_id
        self._client_secret = settings.sign_on_client_secret
        self._callback = f"{settings.public_url}/api/v1/sign-on/callback"
        self._known: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def address(self, secrets: Secrets, now: datetime) -> str:
        """Where the browser is to go. Raises Unreachable."""
        async with _client() as client:
            metadata = await self._metadata(client, now)
        address: str = prepare_grant_uri(
            _endpoint(metadata, "authorization_endpoint"),
            self._client_id,
            "code",
            redirect_uri=self._callback,
            scope="openid profile",
            state=secrets.state,
            nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.verifier),
            code_challenge_method="S256",
        )
        return address

    async def identify(self, code: str, issuer: str | None, secrets: Secrets, now: datetime) -> Identity:
        """Who comes with this code; `issuer` is who the answer says it is from. Raises NotProved, Unreachable."""
        async with _client() as client:
            metadata = await self._metadata(client, now)
            if issuer is None and metadata.get("authorization_response_iss_parameter_supported") is True:
                raise NotProved("the answer does not say whose it is")
            if issuer is not None and issuer != self.issuer:
                raise NotProved("the answer is another provider's")
            answer = await self._exchange(client, metadata, code, secrets)
            token, access_token = answer.get("id_token"), answer.get("access_token")
            if not isinstance(token, str):
                raise NotProved("no id_token")
            claims = await self._claims(client, metadata, token, now)
            claims.params |= {"nonce": secrets.nonce, "client_id": self._client_id, "access_token": access_token}
            try:
                claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
            except (JoseError, TypeError, ValueError) as error:
                raise NotProved(f"{type(error).__name__}: {error}") from error
            subject = claims["sub"]
            if not isinstance(subject, str) or not subject or len(subject) > _LONGEST_SUBJECT:
                raise NotProved("no subject")
            names = claims if "name" in claims else await self._user_info(client, metadata, access_token, subject)
        return Identity(self.issuer, subject, _text(names, "name"), _text(names, "preferred_username"))

    async def _metadata(self, client: httpx.AsyncClient, now: datetime) -> dict[str, Any]:
        if self._known is None or not self._known[0] <= now < self._known[0] + _KEPT:
            found = await _ask(client, "GET", get_well_known_url(self.issuer, external=True))
            if found.get("issuer") != self.issuer:
                raise Unreachable("its configuration names another issuer")
            self._known = now, found
        return self._known[1]

    async def _exchange(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], code: str, secrets: Secrets
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": secrets.verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        authentication = None
        if self._client_secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in methods:
            authentication = _basic(self._client_id, self._client_secret.get_secret_value())
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()}
        return await _ask(client, "POST", _endpoint(metadata, "token_endpoint"), form, authentication)

    async def _claims(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], token: str, now: datetime
    ) -> CodeIDToken:
        supported = metadata.get("id_token_signing_alg_values_supported") or [_REQUIRED_OF_PROVIDERS]
        registry = JWSRegistry(algorithms=sorted(_ALGORITHMS.intersection(supported)), strict_check_header=False)
        try:
            try:
                read = jwt.decode(token, await self._key_set(client, metadata, now), registry=registry)
            except InvalidKeyIdError:
                # The provider may have changed its keys; a stranger's key has us ask no more than once a minute.
                keys = await self._key_set(client, metadata, now, after=_KEYS_ANEW_AFTER)
                read = jwt.decode(token, keys, registry=registry)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProved(f"{type(error).__name__}: {error}") from error
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
            "nonce": {"essential": True},
        }
        return CodeIDToken(read.claims, read.header, options)

    async def _user_info(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], access_token: object, subject: str
    ) -> dict[str, Any]:
        """What the provider calls somebody, which it need not say in the token. Nobody is kept out for want of it."""
        is_sendable = isinstance(access_token, str) and access_token.isascii() and access_token.isprintable()
        if "userinfo_endpoint" not in metadata or not is_sendable:
            return {}
        try:
            address = _endpoint(metadata, "userinfo_endpoint")
            found = await _ask(client, "GET", address, bearer=str(access_token))
        except Unreachable as error:
            log.warning("sign_on_names_unknown", reason=str(error))
            return {}
        return found if found.get("sub") == subject else {}

    async def _key_set(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], now: datetime, after: timedelta = _KEPT
    ) -> KeySet:
        if self._keys is None or not self._keys[0] <= now < self._keys[0] + after:
            found = await _ask(client, "GET", _endpoint(metadata, "jwks_uri"))
            try:
                self._keys = now, KeySet.import_key_set(found)  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise Unreachable("its keys cannot be read") from error
        return self._keys[1]


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False)


def _basic(name: str, secret: str) -> httpx.BasicAuth:
    """RFC 6749 §2.3.1 wants both encoded as a form's fields are."""
    encoded = httpx.QueryParams({"n": name, "s": secret})
    both = dict(part.split("=", 1) for part in str(encoded).split("&"))
    return httpx.BasicAuth(both["n"], both["s"])


async def _ask(
    client: httpx.AsyncClient,
    method: str,
    address: str,
    form: Mapping[str, str] | None = None,
    authentication: httpx.BasicAuth | None = None,
    bearer: str | None = None,
) -> dict[str, Any]:
    """The JSON object at an address of the provider's. Raises Unreachable; NotProved where it refuses a code."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer is not None else {})
    try:
        async with client.stream(method, address, data=form, headers=headers, auth=authentication) as answer:
            raw = b""
            async for part in answer.aiter_bytes():
                raw += part
                if len(raw) > _LONGEST_ANSWER:
                    raise Unreachable("its answer is too long")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    if method == "POST" and answer.status_code == 400:
        raise NotProved("the code is refused")
    if answer.status_code != 200:
        raise Unreachable(f"it answers {answer.status_code}")
    try:
        read = httpx.Response(200, content=raw).json()
    except ValueError as error:
        raise Unreachable("its answer is no JSON") from error
    if not isinstance(read, dict):
        raise Unreachable("its answer is no object")
    return read


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    """An address that nobody between us and the provider can read or change."""
    address = metadata.get(name)
    if not isinstance(address, str):
        raise Unreachable(f"its configuration names no {name}")
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise Unreachable(f"its {name} is not https")
    return address


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    found = claims.get(name)
    return found if isinstance(found, str) and found.strip() else None
