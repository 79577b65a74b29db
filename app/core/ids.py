"""Ids are made by the app: UUIDv7, so that rows made later sort later on every database."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()
