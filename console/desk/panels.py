"""Builds the panel about a client for one reader: addresses masked, debts and promises of the reader's portfolios only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from base.db import Tx
from base.words import N_
from console import views
from console.desk.people import NOT_TO_BE_CONTACTED, ROLES
from console.desk.queues import UNKNOWN_CLIENT
from console.desk.teller import Desk
from debts.people import open_name
from identity.masking import mask_address
from inbox import reading
from inbox.about import About, Beside, Told

DEFAULT_ZONE = "America/Bogota"
_MOST_PROMISES, _MOST_PAYMENTS = 4, 3
_SETTLED = ("kept", "broken")
_NOTHING_LEGAL = ("", "none")


def panel_view(
    desk: Desk,
    tx: Tx,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    name: str,
    reaches: Sequence[reading.Reach],
    debts: Sequence[Any],
    told: About,
    ways: Sequence[views.ChannelChoice],
    *,
    may_act: bool,
) -> views.PanelView:
    """Who we speak with."""
    settled = [one.state for one in told.promises if one.state in _SETTLED]
    return views.PanelView(
        conversation_id=str(row.id),
        revision=row.revision,
        name=name,
        ref=row.ref,
        zone=row.zone or DEFAULT_ZONE,
        place=row.city,
        addresses=tuple(_address(desk, one) for one in reaches),
        debts=tuple(_debt(debt) for debt in debts),
        language=row.language if row.language in ("es", "pt", "en") else None,
        provisional=row.kind == "provisional",
        balances=_balances(debts),
        ways=tuple(ways),
        promises=tuple(_promise(one) for one in told.promises),
        promises_shown=_MOST_PROMISES,
        kept=(settled.count("kept"), len(settled)) if settled else None,
        payments=tuple(_payment(one) for one in told.payments[:_MOST_PAYMENTS]),
        beside=tuple(_beside(desk, tx, one) for one in told.parties),
        notes=tuple(views.NoteView(str(one.id), one.text, one.agent or "Trato", one.received_at) for one in told.notes),
        may_act=may_act,
        writes=desk.reader.writes,
        reader_zone=desk.reader.zone,
    )


def _address(desk: Desk, one: reading.Reach) -> views.AddressView:
    consent = _consent(desk, one.consent)
    return views.AddressView(one.channel, mask_address(one.channel, one.dialable), one.status, consent, one.best, str(one.address_id))


def _consent(desk: Desk, consent: Any) -> str | None:  # noqa: ANN401 - what the creditor told of it
    """By what the client allowed to be written to there."""
    if not isinstance(consent, dict):
        return None
    source, day = consent.get("source"), str(consent.get("at") or "")[:10]
    when = desk.renderer.long_date(desk.reader.language, day) if day else ""
    if source:
        return desk.say(N_("Allowed: %(source)s"), source=", ".join(part for part in (str(source), when) if part))
    return desk.say(N_("Allowed on %(date)s"), date=when) if when else desk.say(N_("Allowed"))


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
        legal_state=None if debt.legal_state in _NOTHING_LEGAL else debt.legal_state,
    )


def _balances(debts: Sequence[Any]) -> tuple[views.BalanceView, ...]:
    """What is owed in each currency: money of two currencies has no sum."""
    found: dict[str, list[Any]] = {}
    for debt in debts:
        if debt.total_due is not None and debt.currency:
            found.setdefault(debt.currency, []).append(debt)
    return tuple(_balance(currency, of) for currency, of in found.items())


def _balance(currency: str, debts: Sequence[Any]) -> views.BalanceView:
    late = [debt for debt in debts if debt.days_past_due]
    total = sum((debt.total_due for debt in debts), Decimal(0))
    overdue = sum((debt.total_due for debt in late), Decimal(0)) if late else None
    return views.BalanceView(currency, total, overdue, max((debt.days_past_due for debt in late), default=None))


def _promise(one: Told) -> views.PromiseView:
    return views.PromiseView(str(one.id), one.amount, one.currency, one.on, one.state, one.overdue, one.creditor, one.undoable)


def _payment(one: Told) -> views.PaymentView:
    return views.PaymentView(one.amount, one.currency, one.on, one.state, str(one.id), one.undoable)


def _beside(desk: Desk, tx: Tx, one: Beside) -> views.BesideView:
    barred = desk.say(NOT_TO_BE_CONTACTED) if one.role == "reference" else None
    conversation = None if one.conversation_id is None else str(one.conversation_id)
    return views.BesideView(open_name(tx, one) or desk.say(UNKNOWN_CLIENT), desk.say(ROLES[one.role].label), barred, conversation)
