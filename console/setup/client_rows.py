"""Clients from rows of a file or from a form: each cell read as an office writes it, doubtful ones refused rather than guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.numbers import is_currency

from base.errors import InvalidField
from base.signs import TURNED, turns
from base.words import N_
from channels.phones import parse_phone
from console.setup.choices import COUNTRIES
from console.setup.client_columns import PHONES
from console.setup.tables import Problem, Row, plain
from debts.cards import AddressCard, DebtCard, DebtorCard
from debts.money import Sum, read_sum
from staff.people import check_email, check_line

_LANGUAGES: Final = {"es": "es", "espanol": "es", "pt": "pt", "portugues": "pt", "en": "en", "ingles": "en", "english": "en"}
_COUNTRIES: Final = {
    "argentina": "AR", "bolivia": "BO", "brasil": "BR", "brazil": "BR", "chile": "CL", "colombia": "CO", "costarica": "CR", "ecuador": "EC",
    "guatemala": "GT", "honduras": "HN", "mexico": "MX", "panama": "PA", "paraguay": "PY", "peru": "PE", "uruguay": "UY", "venezuela": "VE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lender:
    """A creditor of ours as a file may name it; its country is that of clients who tell none."""

    name: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as far as it can be read, and what is wrong with it; `doubtful` is whether its sum could be meant otherwise."""

    row: Row
    read: DebtorCard
    problems: tuple[Problem, ...] = ()
    doubtful: bool = False

    @property
    def card(self) -> DebtorCard | None:
        """The client, where nothing is wrong."""
        return None if self.problems else self.read

    @property
    def wrong(self) -> frozenset[str]:
        """The columns that could not be read."""
        return frozenset(problem.column for problem in self.problems)


def read_client(row: Row, creditors: Mapping[str, Lender]) -> ReadRow:
    """One client; `creditors` maps plain names to the creditors."""
    reader = _Reader(row, creditors)
    card = reader.card()
    wrong = {problem.column for problem in reader.problems}
    turned = (Problem(column, TURNED, {}) for column, text in row.cells.items() if column not in wrong and turns(text))
    return ReadRow(row, card, (*reader.problems, *turned), reader.doubtful)


class _Reader:
    """Reads the cells of one row and remembers what is wrong with each."""

    def __init__(self, row: Row, creditors: Mapping[str, Lender]) -> None:
        self.problems: list[Problem] = []
        self.doubtful = False
        self._row = row
        self._lender = creditors.get(plain(row.cell("creditor")))

    def card(self) -> DebtorCard:
        """The client, as far as the cells can be read."""
        if self._row.overlong:
            self._wrong(
                "name", N_("This row has more cells than there are columns: a comma inside a cell needs quotation marks around the cell.")
            )
        told = self._country()
        home = self._lender.country if self._lender is not None and not self._row.cell("country") else None
        return DebtorCard(
            ref=self._line("reference"),
            name=self._line("name"),
            national_id=self._row.cell("document") or None,
            country=told,
            home=home,
            language=self._language(),
            addresses=tuple(self._addresses(told or home)),
            debts=tuple(self._debts(told or home)),
        )

    def _wrong(self, column: str, sentence: str, value: str = "", values: Mapping[str, object] | None = None) -> None:
        self.problems.append(Problem(column, sentence, {"value": value, **(values or {})}))

    def _line(self, column: str) -> str:
        try:
            return check_line(self._row.cell(column), column)
        except InvalidField as wrong:
            self._wrong(column, wrong.problem)
            return ""

    def _country(self) -> str | None:
        told = self._row.cell("country")
        code = told.upper() if told.upper() in COUNTRIES else _COUNTRIES.get(plain(told))
        if told and code is None:
            self._wrong("country", N_("“%(value)s” is no country that is served here: write its two letters, like CO."), told)
        return code

    def _language(self) -> str | None:
        told = self._row.cell("language")
        if told and plain(told) not in _LANGUAGES:
            self._wrong("language", N_("“%(value)s” is no language of ours: write es, pt or en."), told)
        return _LANGUAGES.get(plain(told))

    def _addresses(self, country: str | None) -> list[AddressCard]:
        found = [one for column in PHONES if (one := self._phone(column, "sms", country)) is not None]
        found += [one for one in [self._phone("whatsapp", "whatsapp", country), self._email()] if one is not None]
        return list({(one.channel, one.match): one for one in found}.values())

    def _phone(self, column: str, channel: str, country: str | None) -> AddressCard | None:
        told = self._row.cell(column)
        if not told:
            return None
        try:
            phone = parse_phone(told, country)
        except InvalidField as wrong:
            self._wrong(column, wrong.problem)
            return None
        return AddressCard(channel, phone.dialable, phone.match_key)

    def _email(self) -> AddressCard | None:
        told = self._row.cell("email")
        if not told:
            return None
        try:
            return AddressCard("email", told, check_email(told))
        except InvalidField as wrong:
            self._wrong("email", wrong.problem)
            return None

    def _debts(self, country: str | None) -> list[DebtCard]:
        if self._lender is None:
            self._wrong("creditor", N_("There is no creditor “%(value)s”. Add it first, or correct the name."), self._row.cell("creditor"))
        told = self._currency()
        balance = self._money(told, country)
        if balance is not None and balance.currency is None and not self._row.cell("currency"):
            self._wrong("currency", N_("A balance needs its currency, like COP."))
        self.doubtful = balance is not None and balance.doubtful
        return [
            DebtCard(
                ref=self._row.cell("account") or self._row.cell("reference"),
                creditor=self._lender.name if self._lender is not None else "",
                total_due=balance.amount if balance is not None else None,
                currency=balance.currency if balance is not None else told,
                due_on=self._due(),
                days_past_due=self._days(),
            )
        ]

    def _money(self, currency: str | None, country: str | None) -> Sum | None:
        told = self._row.cell("balance")
        if not told:
            return None
        try:
            return read_sum(told, "balance", currency=currency, country=country)
        except InvalidField as wrong:
            self._wrong("balance", wrong.problem, told, wrong.values)
            return None

    def _currency(self) -> str | None:
        told = self._row.cell("currency").upper()
        if told and not is_currency(told):
            self._wrong("currency", N_("“%(value)s” is no currency: write its three letters, like COP."), told)
            return None
        return told or None

    def _due(self) -> date | None:
        told = self._row.cell("due")
        found = read_day(told)
        if told and found is None:
            self._wrong("due", N_("“%(value)s” is no date: write 2026-11-30 or 30/11/2026."), told)
        return found

    def _days(self) -> int | None:
        told = self._row.cell("days")
        if not told:
            return None
        if not (told.isascii() and told.isdecimal() and len(told) < 6):
            self._wrong("days", N_("“%(value)s” is no number of days."), told)
            return None
        return int(told)


def read_day(text: str) -> date | None:
    """``2026-11-30`` or ``30/11/2026``, as it is written south of the United States."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    backwards = re.fullmatch(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})", text)
    parts = found.groups() if found else backwards.groups()[::-1] if backwards else None
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None
