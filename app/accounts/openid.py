"""OpenID Connect as a relying party: discovery, the authorization request, and verification of the answer.

Authorization code with PKCE (RFC 7636), OpenID Connect Core 1.0 §3.1, issuer identification (RFC 9207). A token is
accepted only if signed with a key of the provider, by an asymmetric algorithm.
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
"""Asymmetric ones only: with `none` anybody could sign, and with an HMAC the public key could pass for the secret."""
_REQUIRED_OF_PROVIDERS = "RS256"
_KEPT = timedelta(hours=1)
_KEYS_ANEW_AFTER = timedelta(minutes=1)
_LEEWAY_SECONDS = 60
_SECONDS = 10.0
_ALL_SECONDS = 20.0
"""Timeout of one step of a sign-in, however many requests it takes."""
_FAILED_FOR = timedelta(seconds=5)
_MOST_A_MINUTE = 300
"""Rate limit on steps of sign-ins from one address: each may cost the provider a request."""
_LONGEST_ANSWER = 1024 * 1024
SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
"""The provider's id of a person: 1 to 255 visible ASCII characters, as OpenID Connect allows."""
_MALFORMED = (TimeoutError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""Errors raised by reading a malformed answer; UnicodeError is a ValueError."""


log = structlog.get_logger(__name__)


class Unreachable(Exception):
    """The provider did not answer, or not as a provider should. The message is for the log only."""


class NotProved(Exception):
    """The provider's answer does not prove an identity. The message is for the log only."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider identifies them. Only `subject` never changes and is never given to somebody else."""

    issuer: str
    subject: str
    name: str | None
    user_name: str | None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Random values that identify one attempt: `state` in the address, `nonce` in the token, `verifier` (PKCE) at the
    exchange of the code."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider. Its metadata and keys are cached for an hour; an unknown key has the keys read again."""

    def __init__(self, settings: Settings) -> None:
        assert settings.sign_on_issuer is not None
        assert settings.sign_on_client_id is not None
        assert settings.public_url is not None
        self.issuer = settings.sign_on_issuer
        self._client_id = settings.sign_on_client_id
        self._client_secret = settings.sign_on_client_secret
        self._callback = f"{settings.public_url}/api/v1/sign-on/callback"
        self._cached_metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._failed_at: datetime | None = None
        self._trust = ssl.create_default_context(cafile=settings.sign_on_ca_file)
        self._limit = RateLimit(_MOST_A_MINUTE, timedelta(minutes=1))

    async def address(self, secrets: Secrets, now: datetime) -> str:
        """Returns the address to send the browser to. Raises Unreachable; for five seconds after a failure without
        asking the provider again."""
        if self._failed_at is not None and self._failed_at <= now < self._failed_at + _FAILED_FOR:
            raise Unreachable("it failed a moment ago")
        self._require_below_limit(now)
        try:
            async with self._connected() as client:
                return await self._address(client, secrets, now)
        except Unreachable:
            self._failed_at = now
            raise

    async def identify(self, code: str, issuer: str | None, secrets: Secrets, now: datetime) -> Identity:
        """Exchanges the code for the identity it proves; `issuer` is the `iss` of the answer. Raises NotProved,
        Unreachable."""
        self._require_below_limit(now)
        async with self._connected() as client:
            return await self._identify(client, code, issuer, secrets, now)

    def _require_below_limit(self, now: datetime) -> None:
        """Raises Unreachable where one address asks too often."""
        if self._limit.take(client.current().address or "", now) is not None:
            raise Unreachable("asked too often from one address")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client with a timeout for the whole step. A malformed answer becomes Unreachable, not an internal error."""
        try:
            async with asyncio.timeout(_ALL_SECONDS), self._client() as client:
                yield client
        except _MALFORMED as error:
            raise Unreachable(type(error).__name__) from error

    def _client(self) -> httpx.AsyncClient:
        # A compressed answer could be a thousand times as long once decompressed.
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
        except (JoseError, *_MALFORMED) as error:
            raise NotProved(type(error).__name__) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
            raise NotProved("no subject")
        names = claims if "name" in claims else await self._user_info(client, metadata, access_token, subject)
        return Identity(self.issuer, subject, _text(names, "name"), _text(names, "preferred_username"))

    async def _metadata(self, client: httpx.AsyncClient, now: datetime) -> dict[str, Any]:
        if self._cached_metadata is None or not self._cached_metadata[0] <= now < self._cached_metadata[0] + _KEPT:
            metadata = await _ask(client, "GET", get_well_known_url(self.issuer, external=True))
            if metadata.get("issuer") != self.issuer:
                raise Unreachable("its configuration names another issuer")
            self._cached_metadata = now, metadata
        return self._cached_metadata[1]

    def _endpoint(self, metadata: dict[str, Any], name: str) -> str:
        """Returns an address of the provider. Raises Unreachable unless it is https, or the provider and it are both on
        this machine."""
        address = metadata.get(name)
        if not isinstance(address, str) or not (address.isascii() and address.isprintable()):
            raise Unreachable(f"its configuration names no {name}")
        parts = urlsplit(address)
        if parts.port == 0:  # a port above 65535 raises ValueError by itself
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
        """Verifies the signature of an id_token. Returns its unvalidated claims. Raises NotProved, Unreachable."""
        supported = metadata.get("id_token_signing_alg_values_supported") or [_REQUIRED_OF_PROVIDERS]
        algorithms = sorted(_ALGORITHMS.intersection(supported))
        if not algorithms:
            raise Unreachable("it signs by no algorithm that we believe")
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            try:
                read = jwt.decode(token, await self._key_set(client, metadata, now), registry=registry)
            except (InvalidKeyIdError, BadSignatureError):
                # The provider may have changed its keys. Tokens of strangers cause at most one request a minute.
                keys = await self._key_set(client, metadata, now, after=_KEYS_ANEW_AFTER)
                read = jwt.decode(token, keys, registry=registry)
        except (JoseError, *_MALFORMED) as error:
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
        """Returns the claims of the userinfo endpoint, for names that the token leaves out; {} where it fails, because
        a sign-in does not need them."""
        is_sendable = isinstance(access_token, str) and access_token.isascii() and access_token.isprintable()
        if "userinfo_endpoint" not in metadata or not is_sendable:
            return {}
        try:
            address = self._endpoint(metadata, "userinfo_endpoint")
            user_info = await _ask(client, "GET", address, bearer=str(access_token))
        except Unreachable as error:
            log.warning("sign_on_names_unknown", reason=str(error))
            return {}
        return user_info if user_info.get("sub") == subject else {}

    async def _key_set(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], now: datetime, after: timedelta = _KEPT
    ) -> KeySet:
        """Returns the provider's keys from the cache, or reads them again where the cache is older than `after`."""
        if self._keys is None or not self._keys[0] <= now < self._keys[0] + after:
            self._keys = now, _read_keys(await _ask(client, "GET", self._endpoint(metadata, "jwks_uri")))
        return self._keys[1]


def _read_keys(answer: dict[str, Any]) -> KeySet:
    """Returns the keys that we can read. Others, such as SM2, are ignored (RFC 7517 §5), and so are shared secrets.

    Raises Unreachable where none is left.
    """
    readable = []
    for key in answer.get("keys") or ():
        with suppress(JoseError, *_MALFORMED):
            if key.get("kty") != "oct":
                readable.append(import_key(key))
    if not readable:
        raise Unreachable("none of its keys can be read")
    return KeySet(readable)


def _basic(name: str, secret: str) -> httpx.BasicAuth:
    """Returns HTTP basic authentication. RFC 6749 §2.3.1 has both parts encoded like form fields."""
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
    """Returns the JSON object that the provider answers. Raises Unreachable; NotProved where it refuses a code."""
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
    value = claims.get(name)
    return value if isinstance(value, str) and value.strip() else None
