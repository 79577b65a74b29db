"""Checks before the start in production. All reasons against it are reported at once, each with its remedy."""

from collections import Counter
from ipaddress import ip_network
from itertools import pairwise
from urllib.parse import urlsplit

from app.accounts import service as users
from app.core import files, office
from app.core.config import DEVELOPMENT_SECRET, Settings
from app.core.db import Database
from app.core.localized import Say

_FEWEST_CHARACTERS = 8
_WIDEST_NETWORK = {4: 8, 6: 16}
"""Shortest prefix lengths by IP version: a wider network includes foreign machines."""
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret", "password", "example", "openssl", "示例", "密钥")


class ProductionRefused(RuntimeError):
    """Production must not start in this state."""


async def refuse_production(database: Database) -> None:
    """Raises ProductionRefused, with remedies, where production would use sample data or unsafe settings."""
    reasons = of_settings(database.settings)
    async with database.reading() as session:
        if await office.stored_business_day(session) is not None:
            reasons.append(
                Say(
                    "数据库设有业务日，数字会停住。若库中是示例数据，请换用空库；否则运行 "
                    "five-ones business-day --clear",
                    "a business day is stored and figures would stand still. If this database holds the sample, use an "
                    "empty one; else run `five-ones business-day --clear`",
                )
            )
        if names := await users.illustrative(session):
            listed = ", ".join(names)
            reasons.append(
                Say(
                    f"示例账号仍可登录：{listed}；请换用空库，或以 five-ones user lock 锁定",
                    f"accounts of the sample can sign in: {listed}; use an empty database, or lock them with "
                    "`five-ones user lock`",
                )
            )
    if reasons:
        lines = [f"{reason.zh} / {reason.en}" for reason in reasons]
        raise ProductionRefused("\n".join(["生产环境拒绝启动 / production does not start:", *lines]))


def of_settings(settings: Settings) -> list[Say]:
    """Returns the reasons against a start with these settings and their files; empty where there are none."""
    reasons = []
    if is_guessable(settings.secret.get_secret_value()):
        reasons.append(
            Say(
                "FIVE_ONES_SECRET 未设或可以猜到；请设为 openssl rand -hex 32 的输出",
                "FIVE_ONES_SECRET is not set or can be guessed; set it to the output of `openssl rand -hex 32`",
            )
        )
    if not (settings.public_url or "").startswith("https:"):
        reasons.append(
            Say(
                "请把 FIVE_ONES_PUBLIC_URL 设为对外的 https 地址，例如 https://zs.example.cn；否则会话会以明文传送",
                "set FIVE_ONES_PUBLIC_URL to the https address people use, such as https://zs.example.cn; sessions "
                "would travel in clear text",
            )
        )
    if wide := _too_wide(settings.proxies):
        reasons.append(
            Say(
                f"FIVE_ONES_TRUSTED_PROXIES 过宽：{wide}，任何人都可冒充来源地址；只写代理自己的地址",
                f"FIVE_ONES_TRUSTED_PROXIES is too wide: {wide}. Anybody could claim any address; name the proxy's own",
            )
        )
    if urlsplit(settings.sign_on_issuer or "https:").scheme != "https":
        reasons.append(
            Say(
                "FIVE_ONES_SIGN_ON_ISSUER 须为 https 地址；http 只供开发时用",
                "FIVE_ONES_SIGN_ON_ISSUER must be an https address; http is for development",
            )
        )
    if opened := open_files(settings, group_too=False):
        reasons.append(
            Say(
                f"其他用户可读写数据库文件：{opened}；请运行 chmod 600",
                f"other users can read or write files of the database: {opened}; run `chmod 600` on them",
            )
        )
    return reasons


def open_files(settings: Settings, *, group_too: bool) -> str:
    """Returns the files of an SQLite database that others, or also the owner's group, can access; "" where none."""
    if settings.sqlite_file is None:
        return ""
    return " ".join(
        str(path) for path in files.open_to_others(files.of_sqlite(settings.sqlite_file), group_too=group_too)
    )


def is_guessable(secret: str) -> bool:
    """Whether a secret is the default, a placeholder, or made of few characters, a repeated part or a sequence such as
    `abcd…`. A secret that passes is not proved to be random."""
    folded = secret.casefold()
    if secret == DEVELOPMENT_SECRET or any(word in folded for word in _PLACEHOLDERS):
        return True
    if len(set(secret)) < _FEWEST_CHARACTERS:
        return True
    if any(secret[period:] == secret[:-period] for period in range(1, len(secret) // 2 + 1)):
        return True
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    return steps.most_common(1)[0][1] > len(secret) / 2


def _too_wide(networks: list[str]) -> str:
    parsed = [(text, ip_network(text)) for text in networks]
    return ", ".join(text for text, network in parsed if network.prefixlen < _WIDEST_NETWORK[network.version])
