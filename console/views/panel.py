"""What the panel about a client is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from console.views.composer import ChannelChoice


@dataclass(frozen=True, slots=True)
class AddressView:
    """One address, masked. `status` is good, unproven, soft_bounce, hard_bounce, opted_out, wrong_party or invalid; `consent` says in words by
    what the client allowed it; `best` is the one that its channel would use."""

    channel: str
    masked: str
    status: str
    consent: str | None = None
    best: bool = False
    address_id: str = ""

    @property
    def may_close(self) -> bool:
        """Whether an agent may note that the client asked not to be written to there."""
        return bool(self.address_id) and self.channel != "voice" and self.status not in ("opted_out", "wrong_party")


@dataclass(frozen=True, slots=True)
class DebtView:
    """One debt as this reader may see it; what they may not see is None. `legal_state` is a code of `console.words.LEGAL_STATES`, or the creditor's
    own word."""

    creditor: str
    product_last4: str | None
    total_due: Decimal | None
    minimum_due: Decimal | None
    currency: str
    due_on: date | None
    days_past_due: int | None
    payment_reference: str | None
    legal_state: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What is owed in one currency: all of it, the part that is late, and the most days that any of it is late."""

    currency: str
    total: Decimal
    late: Decimal | None
    days: int | None


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise: `state` is pending, kept, broken or cancelled; `overdue` where its day passed and nobody knows what came of it; `undoable` where
    the reader may say that it was noted by mistake."""

    id: str
    amount: Decimal
    currency: str
    due_on: date
    state: str
    overdue: bool
    creditor: str | None
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment that the client told of, or that the creditor confirmed."""

    amount: Decimal
    currency: str
    paid_on: date
    state: str
    id: str = ""
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class BesideView:
    """Somebody beside a debt, in words; `barred` says why they must not be contacted."""

    name: str
    role: str
    barred: str | None
    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of a colleague."""

    entry_id: str
    text: str
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PanelView:
    """Who we speak with, beside the timeline. `zone` is the client's IANA zone, `place` what a person calls it ("Bogotá").

    Of `promises` the first `promises_shown` are seen at once. `kept` is of how many settled promises how many were kept; None where none was settled.
    """

    conversation_id: str
    revision: int
    name: str
    ref: str | None
    zone: str
    place: str | None
    addresses: tuple[AddressView, ...]
    debts: tuple[DebtView, ...]
    language: str | None = None
    provisional: bool = False
    balances: tuple[BalanceView, ...] = ()
    ways: tuple[ChannelChoice, ...] = ()
    promises: tuple[PromiseView, ...] = ()
    promises_shown: int = 4
    kept: tuple[int, int] | None = None
    payments: tuple[PaymentView, ...] = ()
    beside: tuple[BesideView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    may_act: bool = False
    writes: bool = False
    reader_zone: str = "UTC"
