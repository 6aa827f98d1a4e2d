"""Filling: the named places of a prepared text get the client's own data, as far as the reader may see them, and are marked where there are none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_decimal

from base.db import Tx
from base.errors import InvalidField, NotFound
from base.money import money
from base.signs import shown, typed
from base.words import N_
from debts.people import open_name
from inbox.access import Reader

PLACES = (
    "client_name",
    "first_name",
    "creditor",
    "total_due",
    "minimum_due",
    "due_on",
    "days_past_due",
    "payment_reference",
    "product_last4",
    "agent_name",
    "organisation",
)
# What an account says is sent as it says it, never as somebody typed it.
OF_DEBT = frozenset({"creditor", "total_due", "minimum_due", "due_on", "days_past_due", "payment_reference", "product_last4"})
PLACE = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]{0,39})\s*\}\}")
MOST_VALUE_CHARACTERS = 300
_LOCALES = {"es": "es_419", "pt": "pt_BR", "en": "en"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prepared text: ``text`` as written, a ``value`` that was filled in, or a place whose value is ``missing``."""

    kind: str
    text: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known for filling in: about the client, the reader, and the debts in the reader's portfolios."""

    name: str | None
    agent: str
    organisation: str
    debts: Sequence[Any]
    debt_ref: str | None = None

    def debts_of(self, creditor: UUID | None) -> list[Any]:
        """The debts that a text of a creditor's (or of everybody's) may speak of."""
        return [debt for debt in self.debts if creditor in (None, debt.creditor_id)]

    def values(self, language: str, creditor: UUID | None = None) -> dict[str, str]:
        """The values of `PLACES` that are there, written in a language; of a creditor's debts alone, where one is given."""
        debts = [debt for debt in self.debts_of(creditor) if self.debt_ref in (None, debt.ref)]
        creditors = {debt.creditor for debt in debts}
        found: dict[str, str | None] = {
            "client_name": self.name,
            "first_name": self.name.split()[0] if self.name else None,
            "agent_name": self.agent,
            "organisation": self.organisation,
            "creditor": creditors.pop() if len(creditors) == 1 else None,
        }
        if len(debts) == 1:
            found |= _of_debt(debts[0], language)
        return {place: seen for place, value in found.items() if value and (seen := shown(value).strip())}


def _of_debt(debt: Any, language: str) -> dict[str, str | None]:  # noqa: ANN401 - a row
    locale = _LOCALES.get(language.split("-")[0], "es_419")
    return {
        "total_due": _money(debt.total_due, debt.currency),
        "minimum_due": _money(debt.minimum_due, debt.currency),
        "due_on": format_date(debt.due_on, "long", locale=locale) if isinstance(debt.due_on, date) else None,
        "days_past_due": None if debt.days_past_due is None else format_decimal(debt.days_past_due, locale=locale),
        "payment_reference": debt.payment_reference,
        "product_last4": debt.product_last4,
    }


def _money(amount: Any, currency: str | None) -> str | None:  # noqa: ANN401 - a Decimal or None
    return None if amount is None or currency is None else money(amount, currency)


async def known_of(tx: Tx, reader: Reader, debtor: UUID, debt_ref: str | None = None) -> Known:
    """Read what can be filled in. Debts of portfolios that the reader does not see are not read at all. Raises `NotFound`."""
    row = await tx.row(
        "select d.id as debtor_id, d.name_sealed, o.name as organisation, k.key_name, k.wrapped from debtor d join organisation o on o.id = d.org_id"
        " join person_key k on k.org_id = d.org_id and k.person_id = d.id where d.org_id = :org and d.id = :debtor",
        debtor=debtor,
    )
    debts = await tx.rows(
        "select b.ref, b.creditor_id, r.name as creditor, b.product_last4, b.total_due, b.minimum_due, b.currency, b.due_on, b.days_past_due,"
        " b.payment_reference from debt b join creditor r on r.org_id = b.org_id and r.id = b.creditor_id"
        " where b.org_id = :org and b.debtor_id = :debtor and (:sees_all or b.creditor_id = any(cast(:portfolios as uuid[]))) order by b.ref",
        debtor=debtor,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    return Known(open_name(tx, row), reader.name, row.organisation, debts, debt_ref)


def places_of(body: str) -> list[str]:
    """The named places of a text, each once, in the order of their first appearance: that of the carrier's numbers."""
    return list(dict.fromkeys(PLACE.findall(body)))


def pieces_of(body: str, values: Mapping[str, str]) -> tuple[Piece, ...]:
    """A text cut at its places, for showing what is filled in and what is missing."""
    pieces: list[Piece] = []
    end = 0
    for found in PLACE.finditer(body):
        place = found[1]
        if found.start() > end:
            pieces.append(Piece("text", body[end : found.start()]))
        pieces.append(Piece("value", values[place], place) if values.get(place) else Piece("missing", place, place))
        end = found.end()
    if end < len(body):
        pieces.append(Piece("text", body[end:]))
    return tuple(pieces)


def complete(places: Sequence[str], known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """A value for every place: what the writer gave goes before what is known, but not before what the account says. Raises `InvalidField`
    naming the first place without a value, or with another than the account's."""
    for place in given:
        if place not in places:
            raise InvalidField(f"variables.{place}"[:120], N_("is not a place of this template"))
    values: dict[str, str] = {}
    for place in places:
        own = " ".join(typed(given.get(place, ""), f"variables.{place}").split())
        if place in OF_DEBT and own and known.get(place) not in (None, own):
            raise InvalidField(f"variables.{place}", N_("comes from the account and has another value there"))
        value = own or known.get(place, "")
        if not value:
            raise InvalidField(f"variables.{place}", N_("has no value; write one"))
        if len(value) > MOST_VALUE_CHARACTERS:
            raise InvalidField(f"variables.{place}", N_("is longer than 300 characters"))
        values[place] = value
    return values


def check_no_holes(text: str) -> None:
    """Raise `InvalidField` for words that still have a place to fill: a reply that was put into a field with a value missing."""
    if (hole := PLACE.search(text)) is not None:
        raise InvalidField(f"variables.{hole[1]}", N_("has no value; write one"))


def filled(body: str, values: Mapping[str, str]) -> str:
    """The text with every place filled."""
    return PLACE.sub(lambda found: values[found[1]], body)
