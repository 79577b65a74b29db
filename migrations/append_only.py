"""Triggers that refuse UPDATE, DELETE, REPLACE and (PostgreSQL) TRUNCATE; and, on columns, a change of their value.

Alembic's batch mode rebuilds a table on SQLite and drops its triggers silently: a migration that rebuilds one of these
tables calls `protect` for it again.
"""

from collections.abc import Sequence

from alembic import op

FUNCTION = "five_ones_append_only"


def create_function() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
            END $$
            """
        )


def drop_functions() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {FUNCTION}(), {FUNCTION}_but_pruned()")


def protect(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def unprotect(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")


def freeze(table: str, columns: Sequence[str]) -> None:
    """What these columns of a row say is never changed; the row may be."""
    name, listed = f"{table}_fixed", ", ".join(columns)
    if op.get_bind().dialect.name == "postgresql":
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE OF {listed} ON {table} FOR EACH ROW WHEN ({changed}) "
            f"EXECUTE FUNCTION {FUNCTION}()"
        )
        return
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    op.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {listed} ON {table} WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def protect_but_pruned(table: str) -> None:
    """As `protect`, but rows within a range of `prunings` may be deleted."""
    within = (
        "FROM prunings JOIN seals ON seals.log = prunings.log AND seals.number = prunings.number "
        f"WHERE seals.log = '{table}' AND OLD.id > prunings.after AND OLD.id <= seals.until"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION {FUNCTION}_but_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 {within}) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
            END $$
            """
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}_but_pruned()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
        )
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS (SELECT 1 {within}) {refuse}"
    )
