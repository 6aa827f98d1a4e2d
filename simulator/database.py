"""The carrier's one file on disk: one connection, one writer, and who is told when something changed.

What must survive is followed by `flush` (fsync) before it is answered; the rest rides along in the open transaction and reaches
the disk with the next flush, since after a crash it is simply lived through again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from simulator.filters import SENT

TABLES = (
    """
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, direction TEXT NOT NULL, sender TEXT, recipient TEXT NOT NULL,
  body TEXT NOT NULL, media TEXT NOT NULL, num_segments INTEGER NOT NULL, status TEXT NOT NULL, error_code INTEGER,
  messaging_service_sid TEXT, status_callback TEXT, validity_period INTEGER NOT NULL, opt_out_type TEXT, lost INTEGER NOT NULL,
  created_at REAL NOT NULL, sent_at REAL, updated_at REAL NOT NULL, answered INTEGER NOT NULL, plan TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS message_by_recipient ON message (recipient, seq);
CREATE INDEX IF NOT EXISTS message_by_sender ON message (sender, seq);
CREATE INDEX IF NOT EXISTS message_by_status ON message (status);
CREATE INDEX IF NOT EXISTS message_by_sending ON message ("""
    + SENT
    + """);
CREATE TABLE IF NOT EXISTS party (number TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS party_by_seq ON party (seq);
CREATE TABLE IF NOT EXISTS attempt (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, sid TEXT NOT NULL, word TEXT NOT NULL, url TEXT NOT NULL,
  number INTEGER NOT NULL, token TEXT NOT NULL, status_code INTEGER, error TEXT, forged TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_by_sid ON attempt (sid, seq);
CREATE TABLE IF NOT EXISTS client (number TEXT PRIMARY KEY, name TEXT NOT NULL, lines TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS phone (
  owner TEXT PRIMARY KEY, profile_name TEXT NOT NULL, user_id TEXT NOT NULL, username_only INTEGER NOT NULL,
  read_receipts INTEGER NOT NULL, script TEXT NOT NULL, taken TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS phone_by_user ON phone (user_id);
CREATE TABLE IF NOT EXISTS file (
  sid TEXT PRIMARY KEY, message_sid TEXT NOT NULL, position INTEGER NOT NULL, content_type TEXT NOT NULL, name TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE, url TEXT NOT NULL, content BLOB);
CREATE INDEX IF NOT EXISTS file_by_message ON file (message_sid, position);
CREATE TABLE IF NOT EXISTS content (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, friendly_name TEXT NOT NULL, language TEXT NOT NULL,
  variables TEXT NOT NULL, types TEXT NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL, name TEXT NOT NULL,
  category TEXT NOT NULL, allow_category_change INTEGER NOT NULL, status TEXT NOT NULL, rejection_reason TEXT NOT NULL,
  submitted_at REAL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
)
# What a file made by an earlier version lacks.
LATER_COLUMNS = (("message", "detail", "TEXT NOT NULL DEFAULT '{}'"),)


class Database:
    """The record on disk. `watch` is called with the addresses concerned whenever something a person could see has changed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "carrier.sqlite3", isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        # A second simulator on the same folder would call every client's receipts twice.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(TABLES)
        for table, column, kind in LATER_COLUMNS:
            if column not in {row["name"] for row in self._db.execute(f"PRAGMA table_info({table})")}:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        self._watchers: list[Callable[[set[str]], None]] = []

    def watch(self, watcher: Callable[[set[str]], None]) -> None:
        """Call `watcher` after each change."""
        self._watchers.append(watcher)

    def notify(self, addresses: set[str]) -> None:
        """Something of these people changed (nobody's: something that all share)."""
        for watcher in self._watchers:
            watcher(addresses)

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        """What a statement finds, with what is not yet on disk."""
        return self._db.execute(sql, tuple(values)).fetchall()

    def row(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Row | None:
        """The first of it."""
        found: sqlite3.Row | None = self._db.execute(sql, tuple(values)).fetchone()
        return found

    def write(self, sql: str, values: Iterable[Any]) -> sqlite3.Cursor:
        """Change something, in the open transaction."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        return self._db.execute(sql, tuple(values))

    def insert(self, table: str, values: dict[str, Any]) -> int:
        """A new row; returns its position."""
        marks = ", ".join("?" * len(values))
        return self.write(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", values.values()).lastrowid or 0

    def flush(self) -> None:
        """Bring everything written so far to disk."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Write what is still pending and let go of the file."""
        self.flush()
        self._db.close()
