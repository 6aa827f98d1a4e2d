"""A client's conversation while its past is told again: positions, revisions, reading and waiting go as `inbox.timeline` lets them go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.crypto import PersonCipher
from base.ids import new_id
from console.demo.book import Book, Row
from inbox.moves import plain


@dataclass
class Place:
    """An address of the client's: its row, and when they last wrote from it."""

    row: Row
    dialable: str
    link: Row
    last_word_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """The address's id."""
        found: UUID = self.row["id"]
        return found

    def prove(self, at: datetime, deliverability: str = "good") -> None:
        """Something was learnt of the address."""
        if self.row["deliverability"] != deliverability:
            self.row |= {"deliverability": deliverability, "deliverability_at": at}


@dataclass
class Thread:
    """The debtor, their conversation's row as it grows, and their addresses by channel."""

    book: Book
    debtor: UUID
    person: PersonCipher
    row: Row
    portfolio: UUID | None
    places: dict[str, Place] = field(default_factory=dict)
    debts: list[Row] = field(default_factory=list)

    def append(
        self,
        kind: str,
        at: datetime,
        *,
        channel: str | None = None,
        direction: str | None = None,
        text: str | None = None,
        agent: UUID | None = None,
        detail: Mapping[str, Any] | None = None,
        card: bool = False,
    ) -> Row:
        """One entry more, with what it changes of the conversation."""
        row = self.row
        row["revision"] += 1
        row["position"] += 1
        entry_id = new_id()
        row |= self._changes(entry_id, kind, at, direction, card=card or kind == "event")
        return self.book.add(
            "entry",
            id=entry_id,
            conversation_id=row["id"],
            position=row["position"],
            revision=row["revision"],
            first_revision=row["revision"],
            kind=kind,
            channel=channel,
            direction=direction,
            creditor_id=self.portfolio,
            agent_id=agent,
            text=text,
            detail=canonical(dict(detail or {})),
            received_at=at,
        )

    def _changes(self, entry: UUID, kind: str, at: datetime, direction: str | None, *, card: bool) -> Row:
        """What an entry changes of its conversation, as the front door does it."""
        row = self.row
        changes: Row = {"card_revision": row["revision"]} if card else {}
        if kind != "event":
            changes |= {"last_entry_id": entry, "last_at": at}
        if direction == "in":
            changes |= {"last_inbound_position": row["position"], "waiting_since": row["waiting_since"] or at, "snoozed_until": None}
        elif kind == "message":
            changes |= {"read_position": row["position"], "waiting_since": None}
        return changes

    def revise(self, entry: Row) -> None:
        """Something of an entry changed."""
        self.row["revision"] += 1
        entry["revision"] = self.row["revision"]

    def touch(self) -> None:
        """Something beside the timeline changed."""
        self.row["revision"] += 1
        self.row["card_revision"] = self.row["revision"]

    def move(self, event: str, at: datetime, agent: UUID, detail: Mapping[str, Any] | None = None, **changes: Any) -> None:  # noqa: ANN401
        """An act of an agent's on the conversation, with its event and its fact, as `inbox.moves.move` writes them."""
        before = {name: plain(self.row[name]) for name in changes}
        after = {name: plain(value) for name, value in changes.items()}
        self.row |= changes
        told = {"event": event, **(detail or {}), "before": before, "after": after}
        entry = self.append("event", at, agent=agent, detail=told)
        facts = {"conversation": self.row["id"], "entry": entry["id"], **({} if event == "snoozed" else detail or {})}
        self.book.tell(at, f"agent:{agent}", f"conversation.{event}", self.debtor, **facts)
