"""What the outside tells us of a person: the debtor's card with addresses and debts, as plain, already checked values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from base.words import N_

# How the references of our own phones begin: such a "client" is one of us, and counts nowhere.
OWN_NUMBER: Final = "own-number:"
OWN_REFERENCE = N_("References that begin like this one are kept for phones of our own. Choose another one.")


@dataclass(frozen=True, slots=True)
class AddressCard:
    """An address of a person. `match` is what we compare (see `channels.phones`), `dialable` what we send to; `consent` is kept as told;
    an address that is not `valid` is kept and shown, and never written to."""

    channel: str
    dialable: str
    match: str
    since: datetime | None = None
    consent: dict[str, Any] | None = None
    valid: bool = True

    @property
    def field(self) -> str:
        """Which blind index it is found by: phones are found alike on every channel."""
        return "email" if self.channel == "email" else "phone"


@dataclass(frozen=True, slots=True)
class DebtCard:
    """What a person owes to `creditor` (by name). Absent values are None and leave what we know as it is."""

    ref: str
    creditor: str
    product_last4: str | None = None
    total_due: Decimal | None = None
    minimum_due: Decimal | None = None
    currency: str | None = None
    due_on: date | None = None
    days_past_due: int | None = None
    payment_reference: str | None = None
    legal_state: str | None = None


@dataclass(frozen=True, slots=True)
class DebtorCard:
    """A person by the creditor's reference. Absent values are None and leave what we know as it is; `home` is the country where none is known."""

    ref: str
    name: str
    national_id: str | None = None
    birth_date: date | None = None
    country: str | None = None
    home: str | None = None
    region: str | None = None
    city: str | None = None
    language: str | None = None
    zone: str | None = None
    addresses: tuple[AddressCard, ...] = ()
    debts: tuple[DebtCard, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditorCard:
    """A creditor by name, as told from outside; `team` is the name of the team that serves its portfolio.

    Absent values are None and leave what we know as it is.
    """

    name: str
    tax_id: str | None = None
    type: str | None = None
    first_party: bool | None = None
    country: str | None = None
    payment_destinations: list[Any] | None = None
    team: str | None = None
