"""What the panel about a client is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AddressView:
    """One address, masked. `status` is good, unproven, soft_bounce, hard_bounce, opted_out, wrong_party or invalid."""

    channel: str
    masked: str
    status: str


@dataclass(frozen=True, slots=True)
class DebtView:
    """One debt as this reader may see it; what they may not see is None."""

    creditor: str
    product_last4: str | None
    total_due: Decimal | None
    minimum_due: Decimal | None
    currency: str
    due_on: date | None
    days_past_due: int | None
    payment_reference: str | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """Who we speak with, beside the timeline. `zone` is the client's IANA zone, `place` what a person calls it ("Bogotá")."""

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
