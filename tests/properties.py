"""How many random cases a property is asked on each database."""

from collections.abc import Collection

from hypothesis import HealthCheck, Phase, settings

_ON_POSTGRESQL = 3
"""A case takes three times as long there. The rules are the same code; the statements differ, but hardly from case to
case."""


def asked(url: str, cases: int, phases: Collection[Phase] = tuple(Phase)) -> settings:
    """Returns the settings of a property that is asked so many random cases on SQLite, a third of them on PostgreSQL,
    the same ones in every run."""
    return settings(
        max_examples=cases if url.startswith("sqlite") else -(-cases // _ON_POSTGRESQL),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )
