"""Builds the form of a promise or a declared payment: what is owed to choose from, and days in the client's own calendar."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from base.db import Tx
from base.ids import new_id
from base.words import N_
from console.desk.people import debt_label
from console.desk.queues import UNKNOWN_CLIENT
from console.desk.teller import Desk
from console.views import people as views
from debts.people import open_name
from inbox import promises, reading

CURRENCIES: Final = {"CO": "COP", "MX": "MXN", "CL": "CLP", "PE": "PEN", "BR": "BRL", "AR": "ARS", "PY": "PYG", "EC": "USD"}
_FRIDAY: Final = 4
_FURTHEST: Final = timedelta(days=366)


async def money_view(
    desk: Desk,
    tx: Tx,
    row: Any,  # noqa: ANN401 - a row of access_conversation
    kind: str,
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    over: views.OverView | None = None,
) -> views.MoneyView:
    """The form, empty or as it came back with what is wrong or asked about in it. Only one debt is chosen already; of several the client names
    theirs."""
    values = values or {}
    debts = await reading.debts_of(tx, desk.reader, row.debtor_id)
    today = promises.day_in(row.zone, tx.now)
    chosen = values.get("debt", str(debts[0].id) if len(debts) == 1 else "")
    currency = (
        values.get("currency") or next((debt.currency for debt in debts if debt.currency), None) or CURRENCIES.get(row.country, "COP")
    )
    promise = kind == "promise"
    days = promise_days(desk, today) if promise else payment_days(desk, today)
    return views.MoneyView(
        kind=kind,
        conversation_id=str(row.id),
        name=open_name(tx, row) or desk.say(UNKNOWN_CLIENT),
        token=values.get("client_token") or str(new_id()),
        debts=tuple(_owed(debt, chosen) for debt in debts),
        days=_with_choice(days, values.get("day")),
        earliest=today if promise else today - _FURTHEST,
        latest=today + _FURTHEST if promise else today,
        currencies=_currencies(debts, currency),
        values=values,
        problems=problems or {},
        over=over,
    )


def promise_days(desk: Desk, today: date) -> tuple[views.Day, ...]:
    """Today, the next Friday, and the next 15th and 30th, on which people are paid; each day once, in order."""
    friday = today + timedelta(days=(_FRIDAY - today.weekday()) % 7 or 7)
    named = [(N_("Today"), today), (N_("Friday"), friday), (N_("The 15th"), _next(today, 15)), (N_("The 30th"), _next(today, 30))]
    days: dict[date, str] = {}
    for label, on in named:
        days.setdefault(on, label)
    return tuple(views.Day(desk.say(label), on) for on, label in sorted(days.items()))


def payment_days(desk: Desk, today: date) -> tuple[views.Day, ...]:
    """The days on which people usually say that they paid."""
    return (views.Day(desk.say(N_("Today")), today), views.Day(desk.say(N_("Yesterday")), today - timedelta(days=1)))


def _next(today: date, number: int) -> date:
    """The next such day of a month after today; February's 30th is its last day."""
    month = today.replace(day=1)
    while True:
        on = month.replace(day=min(number, calendar.monthrange(month.year, month.month)[1]))
        if on > today:
            return on
        month = (month + timedelta(days=31)).replace(day=1)


def _with_choice(days: tuple[views.Day, ...], chosen: str | None) -> tuple[views.Day, ...]:
    return tuple(views.Day(day.label, day.on, day.on.isoformat() == chosen) for day in days)


def _owed(debt: Any, chosen: str) -> views.Owed:  # noqa: ANN401 - a row of reading.debts_of
    return views.Owed(str(debt.id), debt_label(debt), debt.currency or "", debt.total_due, debt.minimum_due, str(debt.id) == chosen)


def _currencies(debts: Sequence[Any], chosen: str) -> tuple[views.Choice, ...]:
    codes = dict.fromkeys([chosen, *(debt.currency for debt in debts if debt.currency)])
    return tuple(views.Choice(code, code, code == chosen) for code in codes)
