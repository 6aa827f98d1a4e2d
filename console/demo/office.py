"""What all stories of the demo share, and what a message's rows have in common in both directions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from base.db import Tx
from base.ids import new_id
from console.demo.book import Book, Row
from console.demo.templates import Prepared
from console.demo.thread import Place, Thread


@dataclass
class Office:
    """What all stories share: the transaction, the rows, the carrier's names, who works here, and what is prepared."""

    tx: Tx
    book: Book
    adapter: str
    account: str
    agents: dict[str, UUID]
    names: dict[str, str]
    creditors: dict[str, UUID]
    third_parties: frozenset[UUID]
    prepared: dict[tuple[str, str], Prepared]
    failures: list[dict[str, str]]
    files: Counter[str] = field(default_factory=Counter)
    addresses: dict[tuple[str, bytes], Row] = field(default_factory=dict)
    recent: list[dict[str, Any]] = field(default_factory=list)


def sides_of(thread: Thread, entry: Row, place: Place) -> dict[str, Any]:
    """What a message's row says of its entry."""
    return {
        "id": entry["id"],
        "debtor_id": thread.debtor,
        "conversation_id": thread.row["id"],
        "direction": entry["direction"],
        "channel": entry["channel"],
        "address_id": place.id,
    }


def count_contact(office: Office, thread: Thread, entry: Row, place: Place, purpose: str | None) -> None:
    """One contact, as the law counts it."""
    sides = {
        name: value for name, value in sides_of(thread, entry, place).items() if name in ("debtor_id", "channel", "direction", "address_id")
    }
    office.book.add("contact_act", id=new_id(), entry_id=entry["id"], purpose=purpose, at=entry["received_at"], **sides)


def sid_of(told: UUID) -> str:
    """A carrier's id, made from one of ours."""
    return f"SM{told.hex}"
