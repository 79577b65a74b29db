"""The versions of the stage table, which authentication reads along for all further reads of a request. The table is in
`app/projects/stages.py`."""

from typing import Any

from sqlalchemy import Select, String, cast, column, func, select, table

_STAGES = table("stages", column("version"), column("updated_at"))
_ROWS = select(_STAGES.c.version, _STAGES.c.updated_at)


def of(rows: Select[*tuple[Any, ...]]) -> Select[str]:
    """Selects a text that differs after every edit of the stage table, from `version` and `updated_at` of stages."""
    stage = rows.subquery().c
    parts = [cast(part, String) for part in (func.count(), func.sum(stage.version), func.max(stage.updated_at))]
    return select(parts[0] + " " + parts[1] + " " + parts[2])


CURRENT = of(_ROWS)
