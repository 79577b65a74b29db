"""OpenID Connect, as the party that relies on it: where the provider is, the way there, and what its answer proves.

Authorization code with PKCE (RFC 7636), OpenID Connect Core 1.0 §3.1, issuer identification (RFC 9207). What a token
says is believed only under a key of the provider's, by an algorithm whose keys are not shared.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
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
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from app.core import client
from app.core.config import Settings, is_loopback
from app.core.rate_limits import RateLimit

_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Asymmetric ones alone: under `none` or an HMAC anybody who knows what is public could sign."""
_REQUIRED_OF_PROVIDERS = "RS256"
_KEPT = timedelta(hours=1)
_KEYS_ANEW_AFTER = timedelta(minutes=1)
_LEEWAY_SECONDS = 60
_SECONDS = 10.0
_ALL_SECONDS = 20.0
"""For one step of a sign-in, however many requests it takes."""
_FAILED_FOR = timedelta(seconds=5)
_MOST_A_MINUTE = 300
"""Steps of sign-ins from one address: each may cost the provider a request."""
_LONGEST_ANSWER = 1024 * 1024
SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
"""What the provider calls somebody: ASCII, as OpenID Connect has it, and nothing that cannot be seen."""
_ODD = (TimeoutError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading an odd answer raises; UnicodeError is a ValueError."""


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
        self._failed_at: datetime | None = None
        self._trust = ssl.create_default_context(cafile=settings.sign_on_ca_file)
        self._pace = RateLimit(_MOST_A_MINUTE, timedelta(minutes=1))

    async def address(self, secrets: Secrets, now: datetime) -> str:
        """Where the browser is to go. Raises Unreachable; for some seconds after the provider failed, at once."""
        if self._failed_at is not None and self._failed_at <= now < self._failed_at + _FAILED_FOR:
            raise Unreachable("it failed a moment ago")
        self._require_patience(now)
        try:
            async with self._asking() as client:
                return await self._address(client, secrets, now)
        except Unreachable:
            self._failed_at = now
            raise

    async def identify(self, code: str, issuer: str | None, secrets: Secrets, now: datetime) -> Identity:
        """Who comes with this code; `issuer` is who the answer says it is from. Raises NotProved, Unreachable."""
        self._require_patience(now)
        async with self._asking() as client:
            return await self._identify(client, code, issuer, secrets, now)

    def _require_patience(self, now: datetime) -> None:
        if self._pace.take(client.current().address or "", now) is not None:
            raise Unreachable("asked too often from one address")

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[httpx.AsyncClient]:
        """Not for ever; and whatever an odd provider says is no mistake of ours."""
        try:
            async with asyncio.timeout(_ALL_SECONDS), self._client() as client:
                yield client
        except _ODD as error:
            raise Unreachable(type(error).__name__) from error

    def _client(self) -> httpx.AsyncClient:
        # Unpacked, an answer could be a thousand times as long as it was sent.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        return httpx.AsyncClient(
            timeout=_SECONDS, follow_redirects=False, trust_env=False, verify=self._trust, headers=headers
        )

    async def _address(self, client: httpx.AsyncClient, secrets: Secrets, now: datetime) -> str:
        metadata = await self._metadata(client, now)
        address: str = prepare_grant_uri(
            self._endpoint(metadata, "authorization_endpoint"),
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

    async def _identify(
        self, client: httpx.AsyncClient, code: str, issuer: str | None, secrets: Secrets, now: datetime
    ) -> Identity:
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
        except (JoseError, *_ODD) as error:
            raise NotProved(type(error).__name__) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
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

    def _endpoint(self, metadata: dict[str, Any], name: str) -> str:
        """An address that nobody between us and the provider can read or change; of this machine only if it is here."""
        address = metadata.get(name)
        if not isinstance(address, str) or not (address.isascii() and address.isprintable()):
            raise Unreachable(f"its configuration names no {name}")
        parts = urlsplit(address)
        if parts.port == 0:  # one beyond all ports raises by itself
            raise Unreachable(f"its {name} has no port")
        is_here = is_loopback(urlsplit(self.issuer).hostname)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here and is_loopback(parts.hostname)):
            raise Unreachable(f"its {name} is not https")
        return address

    async def _exchange(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], code: str, secrets: Secrets
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": secrets.verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        authentication = None
        if self._client_secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in methods:
            authentication = _basic(self._client_id, self._client_secret.get_secret_value())
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()}
        return await _ask(client, "POST", self._endpoint(metadata, "token_endpoint"), form, authentication)

    async def _claims(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], token: str, now: datetime
    ) -> CodeIDToken:
        supported = metadata.get("id_token_signing_alg_values_supported") or [_REQUIRED_OF_PROVIDERS]
        algorithms = sorted(_ALGORITHMS.intersection(supported))
        if not algorithms:
            raise Unreachable("it signs by no algorithm that we believe")
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            try:
                read = jwt.decode(token, await self._key_set(client, metadata, now), registry=registry)
            except (InvalidKeyIdError, BadSignatureError):
                # The provider may have changed its keys; a stranger's key has us ask no more than once a minute.
                keys = await self._key_set(client, metadata, now, after=_KEYS_ANEW_AFTER)
                read = jwt.decode(token, keys, registry=registry)
        except (JoseError, *_ODD) as error:
            raise NotProved(type(error).__name__) from error
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
            address = self._endpoint(metadata, "userinfo_endpoint")
            found = await _ask(client, "GET", address, bearer=str(access_token))
        except Unreachable as error:
            log.warning("sign_on_names_unknown", reason=str(error))
            return {}
        return found if found.get("sub") == subject else {}

    async def _key_set(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], now: datetime, after: timedelta = _KEPT
    ) -> KeySet:
        if self._keys is None or not self._keys[0] <= now < self._keys[0] + after:
            self._keys = now, _keys(await _ask(client, "GET", self._endpoint(metadata, "jwks_uri")))
        return self._keys[1]


def _keys(found: dict[str, Any]) -> KeySet:
    """Those we understand: a provider may have others besides, such as SM2 (RFC 7517 §5). A shared secret is none."""
    understood = []
    for key in found.get("keys") or ():
        with suppress(JoseError, *_ODD):
            if key.get("kty") != "oct":
                understood.append(import_key(key))
    if not understood:
        raise Unreachable("none of its keys can be read")
    return KeySet(understood)


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
    headers = {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
    try:
        async with client.stream(method, address, data=form, headers=headers, auth=authentication) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Unreachable("its answer is packed")
            raw = b""
            async for part in answer.aiter_bytes():
                raw += part
                if len(raw) > _LONGEST_ANSWER:
                    raise Unreachable("its answer is too long")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from error
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


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    found = claims.get(name)
    return found if isinstance(found, str) and found.strip() else None
