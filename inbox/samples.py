"""Samples: what a prepared text looks like with the data of a client who does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from inbox.filling import Known


@dataclass(frozen=True, slots=True)
class _Debt:
    """An account as `Known` reads it."""

    creditor: str
    total_due: Decimal
    minimum_due: Decimal
    currency: str
    ref: str = "D-1"
    creditor_id: UUID | None = None
    product_last4: str = "4471"
    due_on: date = date(2026, 5, 15)
    days_past_due: int = 12
    payment_reference: str = "0042-8813"


_ACCOUNTS: Final = {"pt": ("1240.50", "180.00", "BRL"), "en": ("620.00", "60.00", "USD"), "es": ("2480000", "240000", "COP")}
_NAMES: Final = {"pt": "Beatriz Nogueira", "en": "Rose Miller", "es": "Rosa Márquez"}


def sample_values(language: str, *, agent: str, organisation: str, creditor: str) -> Mapping[str, str]:
    """A value for every place of `inbox.filling.PLACES`, written in a language."""
    tongue = language.split("-")[0]
    total, minimum, currency = _ACCOUNTS.get(tongue, _ACCOUNTS["es"])
    debt = _Debt(creditor, Decimal(total), Decimal(minimum), currency)
    return Known(_NAMES.get(tongue, _NAMES["es"]), agent, organisation, [debt]).values(language)
