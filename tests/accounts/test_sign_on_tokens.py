"""Single sign-on: tokens and keys that are refused."""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from app.accounts.openid import Provider
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from tests.accounts.openid_provider import Rogue
from tests.accounts.people import user
from tests.accounts.sign_on import HERE, SECRET, Sign, bind, claims, problem, rightly, signed_on_by, signing_on
from tests.accounts.test_sign_in import events
from tests.conftest import World

pytestmark = pytest.mark.anyio


OTHER_KEY = RSAKey.generate_key(2048)


def unsigned(_: Rogue, said: dict[str, Any]) -> str:
    header, body = (urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"none"}', _json(said)))
    return f"{header}.{body}."


def _json(said: dict[str, Any]) -> str:
    return httpx.Request("POST", HERE, json=said).content.decode()


def under_the_public_key(rogue: Rogue, said: dict[str, Any]) -> str:
    """Signs a token with HMAC, using the provider's public key as the secret."""
    parts = ('{"alg":"HS256","kid":"one"}', _json(said))
    signed = ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    digest = hmac.digest(rogue.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def under_the_client_secret(_: Rogue, said: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "HS256"}, _json(said), OctKey.import_key(SECRET), algorithms=["HS256"])


def under_another_key(_: Rogue, said: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, said, OTHER_KEY)


def under_a_key_it_brings(_: Rogue, said: dict[str, Any]) -> str:
    key = OTHER_KEY
    header = {"alg": "RS256", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, _json(said), key, registry=jws.JWSRegistry(strict_check_header=False))


def with_its_end_changed(rogue: Rogue, said: dict[str, Any]) -> str:
    token = rightly(rogue, said)
    return token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)


def with_another_body(rogue: Rogue, said: dict[str, Any]) -> str:
    header, _, signature = rightly(rogue, {**said, "sub": "attacker"}).split(".")
    return f"{header}.{urlsafe_b64encode(_json(said).encode()).decode().rstrip('=')}.{signature}"


FORGED: list[Sign] = [
    unsigned,
    under_the_public_key,
    under_the_client_secret,
    under_another_key,
    under_a_key_it_brings,
    with_its_end_changed,
    with_another_body,
    lambda *_: "",
    lambda *_: "a.b.c",
    lambda *_: "....",
]


async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        for algorithms in (["RS256"], ["RS256", "HS256", "none"]):
            rogue.metadata["id_token_signing_alg_values_supported"] = algorithms
            world.app.state.sign_on = Provider(world.settings)
            for sign in FORGED:
                world.client.cookies.clear()
                answer = await signed_on_by(world, rogue, claims(world, rogue), sign=sign)
                assert problem(answer) == "sign_on_refused", sign
            world.client.cookies.clear()
            assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"
    failed = await events(world, SecurityEventType.sign_in_failed)
    assert {event.data["reason"] for event in failed} == {"sign_on_refused"}


HOUR = 3600


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another"},
    {"aud": ["another", "third"]},
    {"aud": None},
    {"aud": ["five-ones", "another"], "azp": "another"},
    {"nonce": "of another attempt"},
    {"nonce": ""},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"sub": ["clerk"]},
    {"sub": "cl\x00erk"},
    {"sub": "张三"},
    {"sub": "a b"},
    {"exp": -HOUR},
    {"exp": None},
    {"exp": "soon"},
    {"iat": HOUR},
    {"nbf": HOUR},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
]


async def test_a_token_for_another_time_place_or_person_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        for changed in WRONG_CLAIMS:
            now = int(world.clock.moment.timestamp())
            moved = {
                name: now + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
                for name, value in changed.items()
            }
            answer = await signed_on_by(world, rogue, claims(world, rogue, **moved))
            assert problem(answer) == "sign_on_refused", changed
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"


async def test_a_nonce_that_is_missing_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)

    def without_nonce(rogue: Rogue, said: dict[str, Any]) -> str:
        return rightly(rogue, {name: value for name, value in said.items() if name != "nonce"})

    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        answer = await signed_on_by(world, rogue, claims(world, rogue), sign=without_nonce)
        assert problem(answer) == "sign_on_refused"


async def test_keys_that_we_do_not_understand_are_passed_over(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    right = rogue.keys["keys"]
    odd: list[Any] = [{"kty": "EC", "crv": "SM2", "x": "AA", "y": "AA", "kid": "sm"}, {"kty": "RSA"}, "key", 7]
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        for keys, is_in in (([*odd, *right], True), (odd, False), ([{"kty": "oct", "k": "AAAA"}], False)):
            world.client.cookies.clear()
            rogue.keys = {"keys": keys}
            world.app.state.sign_on = Provider(world.settings)
            answer = await signed_on_by(world, rogue, claims(world, rogue))
            assert (answer.headers["location"] == "/") is is_in


async def test_another_key_under_the_same_name(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        await signed_on_by(world, rogue, claims(world, rogue))
        world.clock.moment += timedelta(minutes=2)
        rogue.key = RSAKey.import_key(OTHER_KEY.as_dict(private=True) | {"kid": "one"})
        rogue.keys = dict(KeySet([rogue.key]).as_dict(private=False))
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"


async def test_the_provider_changes_its_keys(world: World, rogue: Rogue) -> None:
    """A key we have not seen has us ask for keys, though not at every stranger's word."""
    await user(world, "clerk", Role.bureau)

    def asked() -> int:
        return [path for path, _ in rogue.asked].count("/keys")

    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"
        rogue.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        rogue.keys = dict(KeySet([rogue.key]).as_dict(private=False))

        def by_two(rogue: Rogue, said: dict[str, Any]) -> str:
            return jwt.encode({"alg": "RS256", "kid": "two"}, said, rogue.key)

        for _ in range(3):
            assert problem(await signed_on_by(world, rogue, claims(world, rogue), sign=by_two)) == "sign_on_refused"
        assert asked() == 1, "within a minute of the last"
        world.clock.moment += timedelta(minutes=2)
        assert (await signed_on_by(world, rogue, claims(world, rogue), sign=by_two)).headers["location"] == "/"
        assert asked() == 2
