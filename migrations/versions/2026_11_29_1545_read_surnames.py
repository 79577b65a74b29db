"""People are sorted by the reading their surname has

Revision ID: 2026112913
Revises: 2026112611
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from pypinyin import lazy_pinyin

revision = "2026112913"
down_revision = "2026112611"
branch_labels = None
depends_on = None

SURNAMES = {
    "单于 單于": "chan yu",
    "尉迟 尉遲": "yu chi",
    "万俟 萬俟": "mo qi",
    "澹台 澹臺": "tan tai",
    "长孙 長孫": "zhang sun",
    "乐正 樂正": "yue zheng",
    "令狐": "ling hu",
    "单 單": "shan",
    "区 區": "ou",
    "盖 蓋": "ge",
    "缪 繆": "miao",
    "乐 樂": "yue",
    "员 員 贠 貟": "yun",
    "阚 闞": "kan",
    "曾": "zeng",
    "仇": "qiu",
    "翟": "zhai",
    "解": "xie",
    "查": "zha",
    "朴": "piao",
    "种": "chong",
    "覃": "qin",
    "折": "she",
    "黑": "he",
    "召": "shao",
    "祭": "zhai",
    "秘": "bi",
    "繁": "po",
    "能": "nai",
    "句": "gou",
    "郇": "xun",
    "乜": "nie",
    "洗": "xian",
    "藏": "zang",
    "任": "ren",
    "华 華": "hua",
    "纪 紀": "ji",
}
READINGS = {surname: read for surnames, read in SURNAMES.items() for surname in surnames.split()}


def _common(name: str) -> str:
    return " ".join(lazy_pinyin(name)).lower()[:400]


def _of_person(name: str) -> str:
    if "·" not in name:
        for length in (2, 1):
            if (read := READINGS.get(name[:length])) is not None:
                return " ".join([read, *lazy_pinyin(name[length:])]).lower()[:400]
    return _common(name)


def _read_anew(read: Callable[[str], str]) -> None:
    bind = op.get_bind()
    officials, referrers = (
        sa.table(name, sa.column("id"), sa.column("name"), sa.column("name_pinyin"), sa.column("kind"))
        for name in ("officials", "referrers")
    )
    is_person = referrers.c.kind.in_(["official", "adviser", "representative"])
    for table, people in (
        (officials, sa.select(officials.c.id, officials.c.name, officials.c.name_pinyin)),
        (referrers, sa.select(referrers.c.id, referrers.c.name, referrers.c.name_pinyin).where(is_person)),
    ):
        changed = [
            {"row": row.id, "read": read(row.name)} for row in bind.execute(people) if read(row.name) != row.name_pinyin
        ]
        if changed:
            one = table.update().where(table.c.id == sa.bindparam("row")).values(name_pinyin=sa.bindparam("read"))
            bind.execute(one, changed)


def upgrade() -> None:
    _read_anew(_of_person)


def downgrade() -> None:
    _read_anew(_common)
