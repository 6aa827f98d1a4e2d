"""Builds the panel about a client for one reader: addresses masked, debts of the reader's portfolios only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console import views
from identity.masking import mask_address
from inbox import reading

DEFAULT_ZONE = "America/Bogota"


def panel_view(row: Any, name: str, reaches: Sequence[reading.Reach], debts: Sequence[Any]) -> views.PanelView:  # noqa: ANN401 - a row
    """Who we speak with."""
    return views.PanelView(
        conversation_id=str(row.id),
        revision=row.revision,
        name=name,
        ref=row.ref,
        zone=row.zone or DEFAULT_ZONE,
        place=row.city,
        addresses=tuple(views.AddressView(one.channel, mask_address(one.channel, one.dialable), one.status) for one in reaches),
        debts=tuple(_debt(debt) for debt in debts),
        language=row.language if row.language in ("es", "pt", "en") else None,
        provisional=row.kind == "provisional",
    )


def _debt(debt: Any) -> views.DebtView:  # noqa: ANN401 - a row of reading.debts_of
    return views.DebtView(
        creditor=debt.creditor,
        product_last4=debt.product_last4,
        total_due=debt.total_due,
        minimum_due=debt.minimum_due,
        currency=debt.currency or "",
        due_on=debt.due_on,
        days_past_due=debt.days_past_due,
        payment_reference=debt.payment_reference,
    )
