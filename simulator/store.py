"""The carrier's own durable record: what it accepted is on disk before its answer leaves.

One connection, one writer. `accept` and `receive` commit (fsync) before they return; the course of a message and the log
of callbacks ride along in the open transaction and reach the disk with the next commit or `flush`, since after a crash
they are simply lived through again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from simulator.filters import SENT, Filter
from simulator.records import Attempt, Client, Message

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
"""
)

COLUMNS = tuple(column.name for column in fields(Message) if column.name != "seq")
ATTEMPT_COLUMNS = tuple(column.name for column in fields(Attempt) if column.name != "seq")


class Store:
    """The record on disk. `watch` is called with the numbers concerned whenever something a person could see has changed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "carrier.sqlite3", isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        # A second simulator on the same folder would call every client's receipts twice.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(TABLES)
        self._watchers: list[Callable[[set[str]], None]] = []

    def watch(self, watcher: Callable[[set[str]], None]) -> None:
        """Call `watcher` after each change."""
        self._watchers.append(watcher)

    def close(self) -> None:
        """Write what is still pending and let go of the file."""
        self.flush()
        self._db.close()

    def flush(self) -> None:
        """Bring everything written so far to disk."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def accept(self, message: Message) -> Message:
        """Record a message of the product durably and number it."""
        return self._insert(message)

    def receive(self, message: Message) -> Message:
        """Record a client's message durably; a SID that is already known keeps its first content."""
        return self.find(message.sid) or self._insert(message)

    def _insert(self, message: Message) -> Message:
        values = {name: getattr(message, name) for name in COLUMNS}
        values |= {"media": json.dumps(message.media), "plan": json.dumps(message.plan)}
        cursor = self._write(_insert("message", COLUMNS), values.values())
        seq = cursor.lastrowid or 0
        self._write("INSERT INTO party VALUES (?,?) ON CONFLICT (number) DO UPDATE SET seq = excluded.seq", (message.party, seq))
        self.flush()
        self._notify({message.party})
        return replace(message, seq=seq)

    def advance(self, message: Message, status: str, at: float, error_code: int | None = None) -> Message:
        """Let a message reach its next status."""
        sent_at = message.sent_at or (at if status != "failed" else None)
        self._write(
            "UPDATE message SET status = ?, error_code = ?, sent_at = ?, sender = ?, updated_at = ? WHERE sid = ?",
            (status, error_code, sent_at, message.sender, at, message.sid),
        )
        self._notify({message.party})
        return replace(message, status=status, error_code=error_code, sent_at=sent_at, updated_at=at)

    def mark_answered(self, message: Message) -> None:
        """Note that the 201 for this message has been written to the product's connection."""
        self._write("UPDATE message SET answered = 1 WHERE sid = ?", (message.sid,))

    def delete(self, message: Message) -> None:
        """Take a message out of the REST listing; the record of what was accepted keeps it."""
        self._write("UPDATE message SET deleted = 1 WHERE sid = ?", (message.sid,))
        self.flush()

    def find(self, sid: str, *, deleted: bool = True) -> Message | None:
        """One message by SID."""
        row = self._db.execute("SELECT * FROM message WHERE sid = ? AND deleted <= ?", (sid, deleted)).fetchone()
        return _message(row) if row else None

    def unfinished(self) -> list[Message]:
        """Messages of the product whose course was cut off by the end of the last process."""
        rows = self._db.execute(
            "SELECT * FROM message WHERE direction = 'outbound-api' AND status IN ('queued','accepted','scheduled','sent')"
        )
        return [_message(row) for row in rows]

    def page(self, wanted: Filter, *, limit: int, offset: int = 0, before: int | None = None, after: int | None = None) -> list[Message]:
        """Messages of both directions, newest first; `before` and `after` are exclusive positions in that order."""
        where, values = wanted.to_sql()
        order = "DESC"
        if after is not None:
            where, values, order = f"{where} AND seq > ?", (*values, after), "ASC"
        if before is not None:
            where, values = f"{where} AND seq < ?", (*values, before)
        sql = f"SELECT * FROM message WHERE {where} ORDER BY seq {order} LIMIT ? OFFSET ?"
        rows = self._db.execute(sql, (*values, limit, offset)).fetchall()
        return [_message(row) for row in (rows if order == "DESC" else reversed(rows))]

    def record(self, direction: str, *, after: int, limit: int) -> list[Message]:
        """The record of one direction in order of acceptance, deleted ones included."""
        sql = "SELECT * FROM message WHERE direction = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [_message(row) for row in self._db.execute(sql, (direction, after, limit))]

    def conversation(self, number: str, *, limit: int) -> list[Message]:
        """The newest messages from and to one client, oldest first."""
        sql = "SELECT * FROM message WHERE sender = ? OR recipient = ? ORDER BY seq DESC LIMIT ?"
        return [_message(row) for row in reversed(self._db.execute(sql, (number, number, limit)).fetchall())]

    def opted_out(self, number: str, sender: str) -> bool:
        """Whether the carrier's own opt-out stands between a client and one of our senders: the last word counts."""
        sql = """SELECT opt_out_type FROM message WHERE sender = ? AND recipient = ? AND opt_out_type IN ('STOP','START')
                 ORDER BY seq DESC LIMIT 1"""
        row = self._db.execute(sql, (number, sender)).fetchone()
        return row is not None and row[0] == "STOP"

    def log(self, attempt: Attempt) -> None:
        """Note one call to the product."""
        values = [getattr(attempt, name) for name in ATTEMPT_COLUMNS]
        self._write(_insert("attempt", ATTEMPT_COLUMNS), values)
        message = self.find(attempt.sid)
        if message:
            self._notify({message.party})

    def attempts(self, *, after: int = 0, limit: int = 1000, sid: str | None = None) -> list[Attempt]:
        """Calls to the product in the order they ended."""
        if sid is None:
            rows = self._db.execute("SELECT * FROM attempt WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
        else:
            rows = self._db.execute("SELECT * FROM attempt WHERE sid = ? AND seq > ? ORDER BY seq LIMIT ?", (sid, after, limit))
        return [Attempt(**dict(row)) for row in rows]

    def answers(self, sids: Iterable[str]) -> dict[str, list[int | None]]:
        """What the product answered to each of these messages' own webhooks."""
        found: dict[str, list[int | None]] = {sid: [] for sid in sids}
        marks = ", ".join("?" * len(found))
        sql = f"SELECT sid, status_code FROM attempt WHERE kind = 'inbound' AND sid IN ({marks}) ORDER BY seq"
        for sid, code in self._db.execute(sql, tuple(found)):
            found[sid].append(code)
        return found

    def upsert_clients(self, clients: Iterable[Client]) -> None:
        """Learn who may write, durably; known numbers get the new name and lines."""
        changed = set()
        for client in clients:
            self._write(
                """INSERT INTO client (number, name, lines) VALUES (?,?,?)
                   ON CONFLICT (number) DO UPDATE SET name = excluded.name, lines = excluded.lines""",
                (client.number, client.name, json.dumps(client.lines)),
            )
            changed.add(client.number)
        self.flush()
        self._notify(changed)

    def clients(self) -> dict[str, Client]:
        """Everyone known, by number."""
        rows = self._db.execute("SELECT * FROM client ORDER BY name")
        return {row["number"]: Client(row["number"], row["name"], tuple(json.loads(row["lines"]))) for row in rows}

    def latest(self, limit: int) -> list[Message]:
        """The last message of each client, newest conversation first."""
        sql = "SELECT message.* FROM party JOIN message USING (seq) ORDER BY party.seq DESC LIMIT ?"
        return [_message(row) for row in self._db.execute(sql, (limit,))]

    def _write(self, sql: str, values: Iterable[Any]) -> sqlite3.Cursor:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        return self._db.execute(sql, tuple(values))

    def _notify(self, numbers: set[str]) -> None:
        for watcher in self._watchers:
            watcher(numbers)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _message(row: sqlite3.Row) -> Message:
    values = {name: row[name] for name in (*COLUMNS, "seq")}
    values |= {"media": tuple(json.loads(row["media"])), "plan": json.loads(row["plan"])}
    return Message(**values | {"lost": bool(row["lost"]), "answered": bool(row["answered"])})
