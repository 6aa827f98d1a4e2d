"""The carrier's own durable record of messages and calls: what it accepted is on disk before its answer leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from simulator.contents import Contents
from simulator.database import Database
from simulator.files import Files
from simulator.filters import Filter
from simulator.phones import Phones
from simulator.records import Attempt, Message

COLUMNS = tuple(column.name for column in fields(Message) if column.name != "seq")
ATTEMPT_COLUMNS = tuple(column.name for column in fields(Attempt) if column.name != "seq")
# A message may be read this long (seconds) after it was made; what was not by then stays unread when the process starts anew.
READ_WITHIN = 3600.0


class Store:
    """Messages and calls; beside them `phones`, `files` and `contents` in the same file."""

    def __init__(self, folder: Path) -> None:
        self._db = Database(folder)
        self.phones = Phones(self._db)
        self.files = Files(self._db)
        self.contents = Contents(self._db)

    def watch(self, watcher: Callable[[set[str]], None]) -> None:
        """Call `watcher` with the addresses concerned after each change."""
        self._db.watch(watcher)

    def close(self) -> None:
        """Write what is still pending and let go of the file."""
        self._db.close()

    def flush(self) -> None:
        """Bring everything written so far to disk."""
        self._db.flush()

    def accept(self, message: Message) -> Message:
        """Record a message of the product durably and number it."""
        return self._insert(message)

    def receive(self, message: Message) -> Message:
        """Record a client's message durably; a SID that is already known keeps its first content."""
        return self.find(message.sid) or self._insert(message)

    def remember(self, messages: Iterable[Message]) -> None:
        """Record clients' messages of the past, durably and all at once; those that are known stay as they are."""
        for message in messages:
            if not self.find(message.sid):
                self._write(message)
        self.flush()

    def _insert(self, message: Message) -> Message:
        seq = self._write(message)
        self.flush()
        self._db.notify({message.party})
        return replace(message, seq=seq)

    def _write(self, message: Message) -> int:
        values = {name: getattr(message, name) for name in COLUMNS}
        values |= {name: json.dumps(values[name]) for name in ("media", "plan", "detail")}
        seq = self._db.insert("message", values)
        upsert = "INSERT INTO party VALUES (?,?) ON CONFLICT (number) DO UPDATE SET seq = excluded.seq"
        self._db.write(upsert, (message.party, seq))
        return seq

    def advance(self, message: Message, status: str, at: float, error_code: int | None = None) -> Message:
        """Let a message reach its next status."""
        sent_at = message.sent_at or (at if status != "failed" else None)
        self._db.write(
            "UPDATE message SET status = ?, error_code = ?, sent_at = ?, sender = ?, updated_at = ? WHERE sid = ?",
            (status, error_code, sent_at, message.sender, at, message.sid),
        )
        self._db.notify({message.party})
        return replace(message, status=status, error_code=error_code, sent_at=sent_at, updated_at=at)

    def mark_answered(self, message: Message) -> None:
        """Note that the 201 for this message has been written to the product's connection."""
        self._db.write("UPDATE message SET answered = 1 WHERE sid = ?", (message.sid,))

    def delete(self, message: Message) -> None:
        """Take a message out of the REST listing; the record of what was accepted keeps it."""
        self._db.write("UPDATE message SET deleted = 1 WHERE sid = ?", (message.sid,))
        self.flush()

    def find(self, sid: str, *, deleted: bool = True) -> Message | None:
        """One message by SID."""
        row = self._db.row("SELECT * FROM message WHERE sid = ? AND deleted <= ?", (sid, deleted))
        return _message(row) if row else None

    def unfinished(self, now: float) -> list[Message]:
        """Messages of the product whose course was cut off by the end of the last process."""
        sql = """SELECT * FROM message WHERE direction = 'outbound-api' AND (status IN ('queued','accepted','scheduled','sent')
                 OR (status = 'delivered' AND recipient LIKE 'whatsapp:%' AND created_at > ?))"""
        return [_message(row) for row in self._db.rows(sql, (now - READ_WITHIN,))]

    def page(self, wanted: Filter, *, limit: int, offset: int = 0, before: int | None = None, after: int | None = None) -> list[Message]:
        """Messages of both directions, newest first; `before` and `after` are exclusive positions in that order."""
        where, values = wanted.to_sql()
        order = "DESC"
        if after is not None:
            where, values, order = f"{where} AND seq > ?", (*values, after), "ASC"
        if before is not None:
            where, values = f"{where} AND seq < ?", (*values, before)
        rows = self._db.rows(f"SELECT * FROM message WHERE {where} ORDER BY seq {order} LIMIT ? OFFSET ?", (*values, limit, offset))
        return [_message(row) for row in (rows if order == "DESC" else reversed(rows))]

    def record(self, direction: str, *, after: int, limit: int) -> list[Message]:
        """The record of one direction in order of acceptance, deleted ones included."""
        sql = "SELECT * FROM message WHERE direction = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [_message(row) for row in self._db.rows(sql, (direction, after, limit))]

    def conversation(self, addresses: Collection[str], *, limit: int) -> list[Message]:
        """The newest messages from and to one client's addresses, oldest first."""
        marks = ", ".join("?" * len(addresses))
        sql = f"SELECT * FROM message WHERE sender IN ({marks}) OR recipient IN ({marks}) ORDER BY seq DESC LIMIT ?"
        return [_message(row) for row in reversed(self._db.rows(sql, (*addresses, *addresses, limit)))]

    def last_word(self, addresses: Collection[str], sender: str) -> float | None:
        """When one of these addresses last wrote to our `sender`; seconds since 1970."""
        marks = ", ".join("?" * len(addresses))
        sql = f"SELECT max(created_at) FROM message WHERE direction = 'inbound' AND sender IN ({marks}) AND recipient = ?"
        row = self._db.row(sql, (*addresses, sender))
        return row[0] if row else None

    def opted_out(self, number: str, sender: str) -> bool:
        """Whether the carrier's own opt-out stands between a client and one of our senders: the last word counts."""
        sql = """SELECT opt_out_type FROM message WHERE sender = ? AND recipient = ? AND opt_out_type IN ('STOP','START')
                 ORDER BY seq DESC LIMIT 1"""
        row = self._db.row(sql, (number, sender))
        return row is not None and row[0] == "STOP"

    def log(self, attempt: Attempt) -> None:
        """Note one call to the product."""
        self._db.insert("attempt", {name: getattr(attempt, name) for name in ATTEMPT_COLUMNS})
        message = self.find(attempt.sid)
        if message:
            self._db.notify({message.party})

    def attempts(self, *, after: int = 0, limit: int = 1000, sid: str | None = None) -> list[Attempt]:
        """Calls to the product in the order they ended."""
        where, values = ("seq > ?", (after,)) if sid is None else ("sid = ? AND seq > ?", (sid, after))
        return [
            Attempt(**dict(row)) for row in self._db.rows(f"SELECT * FROM attempt WHERE {where} ORDER BY seq LIMIT ?", (*values, limit))
        ]

    def answers(self, sids: Iterable[str]) -> dict[str, list[int | None]]:
        """What the product answered to each of these messages' own webhooks."""
        found: dict[str, list[int | None]] = {sid: [] for sid in sids}
        marks = ", ".join("?" * len(found))
        sql = f"SELECT sid, status_code FROM attempt WHERE kind = 'inbound' AND sid IN ({marks}) ORDER BY seq"
        for sid, code in self._db.rows(sql, found):
            found[sid].append(code)
        return found

    def latest(self, limit: int) -> list[Message]:
        """The last message of each address, newest conversation first."""
        sql = "SELECT message.* FROM party JOIN message USING (seq) ORDER BY party.seq DESC LIMIT ?"
        return [_message(row) for row in self._db.rows(sql, (limit,))]

    def setting(self, name: str) -> str | None:
        """A value that outlives the process."""
        row = self._db.row("SELECT value FROM setting WHERE name = ?", (name,))
        return str(row[0]) if row else None

    def set(self, name: str, value: str) -> None:
        """Keep a value durably."""
        self._db.write("INSERT INTO setting VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))
        self.flush()
        self._db.notify(set())


def _message(row: sqlite3.Row) -> Message:
    values: dict[str, Any] = {name: row[name] for name in (*COLUMNS, "seq")}
    values |= {"media": tuple(json.loads(row["media"]))} | {name: json.loads(row[name]) for name in ("plan", "detail")}
    return Message(**values | {"lost": bool(row["lost"]), "answered": bool(row["answered"])})
