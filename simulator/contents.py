"""Templates on disk with the state of their review."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields, replace
from typing import Any

from simulator.database import Database
from simulator.records import Content

COLUMNS = tuple(column.name for column in fields(Content) if column.name != "seq")


class Contents:
    """The account's templates, newest first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, content: Content) -> Content:
        """Record a new template durably."""
        seq = self._db.insert("content", _values(content))
        self._db.flush()
        self._db.notify(set())
        return replace(content, seq=seq)

    def keep(self, content: Content) -> Content:
        """Record what became of a template."""
        values = _values(content)
        marks = ", ".join(f"{name} = ?" for name in values)
        self._db.write(f"UPDATE content SET {marks} WHERE sid = ?", (*values.values(), content.sid))
        self._db.flush()
        self._db.notify(set())
        return content

    def find(self, sid: str) -> Content | None:
        """One template by SID."""
        row = self._db.row("SELECT * FROM content WHERE sid = ?", (sid,))
        return _content(row) if row else None

    def remove(self, sid: str) -> None:
        """Delete a template."""
        self._db.write("DELETE FROM content WHERE sid = ?", (sid,))
        self._db.flush()
        self._db.notify(set())

    def page(self, *, limit: int, before: int | None = None, after: int | None = None) -> list[Content]:
        """Templates, newest first; `before` and `after` are exclusive positions in that order."""
        where, values, order = "1", tuple[int, ...](), "DESC"
        if before is not None:
            where, values = "seq < ?", (before,)
        if after is not None:
            where, values, order = "seq > ?", (after,), "ASC"
        rows = self._db.rows(f"SELECT * FROM content WHERE {where} ORDER BY seq {order} LIMIT ?", (*values, limit))
        return [_content(row) for row in (rows if order == "DESC" else reversed(rows))]

    def under_review(self) -> list[Content]:
        """Templates that wait for a word of the reviewers."""
        return [_content(row) for row in self._db.rows("SELECT * FROM content WHERE status IN ('received', 'pending') ORDER BY seq")]


def _values(content: Content) -> dict[str, Any]:
    values = {name: getattr(content, name) for name in COLUMNS}
    return values | {name: json.dumps(values[name]) for name in ("variables", "types")}


def _content(row: sqlite3.Row) -> Content:
    values = dict(row) | {name: json.loads(row[name]) for name in ("variables", "types")}
    return Content(**values | {"allow_category_change": bool(row["allow_category_change"])})
