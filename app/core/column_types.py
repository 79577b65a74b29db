"""Column shapes used in every room."""

from sqlalchemy import String

NAME = String(200)
CODE = String(64)
PROSE = String(4000)
PINYIN = String(400).with_variant(String(400, collation="C"), "postgresql")
"""Compared by bytes on both databases (SQLite's default is BINARY), so both walk a list in the same order."""
