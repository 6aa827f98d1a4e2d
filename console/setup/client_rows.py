"""Clients from rows of a file or from a form: each cell read as an office writes it, doubtful ones refused rather than guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from babel.numbers import is_currency

from base.errors import InvalidField
from base.words import N_
from channels.phones import parse_phone
from console.setup.choices import COUNTRIES
from console.setup.tables import Problem, Row, plain
from debts.cards import AddressCard, DebtCard, DebtorCard
from staff.people import check_email, check_line

PHONES: Final = tuple(f"tel{number}" for number in range(1, 7))
COLUMNS: Final = (
    "reference", "name", *PHONES, "whatsapp", "email", "language", "country", "creditor", "account", "balance", "currency", "due", "days",
)  # fmt: skip
NEEDED: Final = ("reference", "name", "creditor")
LABELS: Final[Mapping[str, str]] = {
    "reference": N_("Reference"), "name": N_("Name"), "whatsapp": N_("WhatsApp"), "email": N_("Email"), "language": N_("Language"),
    "country": N_("Country"), "creditor": N_("Creditor"), "account": N_("Account"), "balance": N_("Balance"), "currency": N_("Currency"),
    "due": N_("Due on"), "days": N_("Days past due"), **dict.fromkeys(PHONES, N_("Phone")),
}  # fmt: skip
_TITLES: Final = {
    "reference": "reference ref referencia id identificador codigo",
    "name": "name nombre nome cliente nombrecompleto nomecompleto",
    "whatsapp": "whatsapp wa",
    "email": "email correo correoelectronico mail",
    "language": "language idioma lengua",
    "country": "country pais",
    "creditor": "creditor acreedor credor cartera carteira portafolio portfolio",
    "account": "account accountreference cuenta conta referenciacuenta referenciadecuenta obligacion contrato numerodecuenta",
    "balance": "balance saldo saldototal total monto valor",
    "currency": "currency moneda moeda divisa",
    "due": "due dueon duedate vence venceel venceem vencimiento vencimento fechavencimiento fechadevencimiento datadevencimento",
    "days": "days dayslate dayspastdue dias diasdeatraso diasatraso diasvencidos mora diasmora diasdemora",
}
HEADINGS: Final[Mapping[str, str]] = {
    **{heading: column for column, headings in _TITLES.items() for heading in headings.split()},
    **{
        f"{word}{number}": f"tel{number}" for number in range(1, 7) for word in ("tel", "telefono", "telefone", "phone", "celular", "movil")
    },
    **dict.fromkeys(("tel", "telefono", "telefone", "phone", "celular", "movil"), "tel1"),
}
_LANGUAGES: Final = {"es": "es", "espanol": "es", "pt": "pt", "portugues": "pt", "en": "en", "ingles": "en", "english": "en"}
_COUNTRIES: Final = {
    "argentina": "AR", "bolivia": "BO", "brasil": "BR", "brazil": "BR", "chile": "CL", "colombia": "CO", "costarica": "CR", "ecuador": "EC",
    "guatemala": "GT", "honduras": "HN", "mexico": "MX", "panama": "PA", "paraguay": "PY", "peru": "PE", "uruguay": "UY", "venezuela": "VE",
}  # fmt: skip
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*")
_MOST_MONEY = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as a card, or what is wrong with it."""

    row: Row
    card: DebtorCard | None
    problems: tuple[Problem, ...] = ()


def read_client(row: Row, creditors: Mapping[str, str]) -> ReadRow:
    """One client; `creditors` maps plain names to the real ones."""
    reader = _Reader(row, creditors)
    card = reader.card()
    return ReadRow(row, None if reader.problems else card, tuple(reader.problems))


class _Reader:
    """Reads the cells of one row and remembers what is wrong with each."""

    def __init__(self, row: Row, creditors: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._row = row
        self._creditors = creditors

    def card(self) -> DebtorCard:
        """The client, as far as the cells can be read."""
        country = self._country()
        return DebtorCard(
            ref=self._line("reference"),
            name=self._line("name"),
            country=country,
            language=self._language(),
            addresses=tuple(self._addresses(country)),
            debts=tuple(self._debts()),
        )

    def _wrong(self, column: str, sentence: str, value: str = "") -> None:
        self.problems.append(Problem(column, sentence, {"value": value, "column": column}))

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

    def _debts(self) -> list[DebtCard]:
        creditor = self._creditors.get(plain(self._row.cell("creditor")))
        if creditor is None:
            self._wrong("creditor", N_("There is no creditor “%(value)s”. Add it first, or correct the name."), self._row.cell("creditor"))
        balance, currency = self._money(), self._currency()
        if balance is not None and currency is None and not self._row.cell("currency"):
            self._wrong("currency", N_("A balance needs its currency, like COP."))
        ref = self._row.cell("account") or self._row.cell("reference")
        return [DebtCard(ref, creditor or "", total_due=balance, currency=currency, due_on=self._due(), days_past_due=self._days())]

    def _money(self) -> Decimal | None:
        told = self._row.cell("balance")
        if not told:
            return None
        amount = read_amount(told)
        if amount is None or amount > _MOST_MONEY:
            self._wrong("balance", N_("“%(value)s” can be read in two ways or in none. Write 1250000 or 1250000.50."), told)
            return None
        return amount

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


def read_amount(text: str) -> Decimal | None:
    """An amount as offices write it: ``1250000``, ``1.250.000,50``, ``$ 1,250,000.50``; None for what could mean two things, like ``1.250``."""
    plain_text = text.replace("$", "").strip()
    if re.fullmatch(r"[0-9]{1,13}", plain_text):
        return Decimal(plain_text)
    if (cents := re.fullmatch(r"(.+)([.,])([0-9]{1,2})", plain_text)) is not None:
        whole, sign, digits = cents[1], cents[2], cents[3]
        grouped = _GROUPED.fullmatch(whole)
        if (whole.isascii() and whole.isdecimal()) or (grouped is not None and grouped[1] != sign):
            return Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{digits}")
        return None
    grouped = _GROUPED.fullmatch(plain_text)
    # One group of three may as well be three decimals.
    return Decimal(re.sub(r"[^0-9]", "", plain_text)) if grouped is not None and len(re.findall(r"[^0-9]", plain_text)) > 1 else None


def read_day(text: str) -> date | None:
    """``2026-11-30`` or ``30/11/2026``, as it is written south of the United States."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    backwards = re.fullmatch(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})", text)
    parts = found.groups() if found else backwards.groups()[::-1] if backwards else None
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None
