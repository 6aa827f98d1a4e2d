"""Reads amounts as people write them: «1.240.000,50», «1,240,000.50», «$ 250 000». A guess that could be wrong by a thousand is refused or asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from babel import localedata
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_territory_currencies, is_currency

from base.errors import InvalidField
from base.money import HOMES, WITHOUT_CENTS
from base.words import N_

MOST_MONEY = Decimal(10) ** 12
_SPACES = re.compile(r"[\s']")
_SIGNED = re.compile(r"(?P<before>[A-Z$/.\s']*?)(?P<number>[0-9](?:[0-9.,\s']*[0-9.,])?)(?P<after>[A-Z$/.\s]*)", re.IGNORECASE)
# Elsewhere than between groups of three digits a space is a slip, or two numbers in one cell.
_SPACED = re.compile(r"[1-9][0-9]{0,2}(?:[\s'][0-9]{3})+(?:[.,][0-9]*)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
# What stands before a number in a country's own way; three letters of ISO 4217, with or without a dollar sign, are understood as well.
_SIGNS: Final = {"R$": "BRL", "US$": "USD", "U$S": "USD", "U$D": "USD", "S/": "PEN", "S/.": "PEN", "MX$": "MXN", "COL$": "COP", "AR$": "ARS",
                 "RD$": "DOP", "C$": "NIO", "B/.": "PAB"}  # fmt: skip
_HOW = N_("Write an amount such as %(small)s or %(large)s.")
_OTHER_CURRENCY = N_("The sign beside this amount names another currency.")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount with its currency, as far as it is known. A `doubtful` one is the likeliest reading and must be shown to who wrote it."""

    amount: Decimal
    currency: str | None
    doubtful: bool


def read_sum(text: str, field: str = "amount", *, currency: str | None = None, country: str | None = None) -> Sum:
    """An amount with at most two decimals, nought among them, in `currency` or what its sign or `country` say. Raises `InvalidField`.

    Points and commas are read by what stands behind them, so that every country's writing works whatever the reader's language: three digits
    are thousands, one or two after the last mark are cents. No currency here has three decimals. Where the mark of one group of thousands is
    what separates cents in that country, or nobody knows the country, the sum is `doubtful`; so is one that has cents where nobody pays with
    them and is so small that a spreadsheet may have made it of thousands.
    """
    before, plain, after = _pieces(text, field)
    known = _currency((before or after).upper(), field, currency, country)
    whole, mark, cents = _parts(plain)
    if not re.fullmatch(r"[0-9]{1,15}", whole) or (mark and not re.fullmatch(r"[0-9]{1,2}", cents)):
        raise InvalidField(field, _HOW, small=250_000, large=Decimal("1240000.50"))
    amount = Decimal(f"{whole}.{cents or '0'}" if mark else whole)
    if amount > MOST_MONEY:
        raise InvalidField(field, N_("This amount is too large."))
    group = _ONE_GROUP.fullmatch(plain)
    shrunk = known in WITHOUT_CENTS and bool(mark) and amount < 1000
    return Sum(amount, known, shrunk or (group is not None and group[1] in _cent_marks(known, country)))


def read_amount(text: str, field: str = "amount", *, currency: str | None = None) -> Sum:
    """An amount above nought. Raises `InvalidField`; see `read_sum`."""
    found = read_sum(text, field, currency=currency)
    if found.amount <= 0:
        raise InvalidField(field, N_("The amount must be more than zero."))
    return found


def _pieces(text: str, field: str) -> tuple[str, str, str]:
    """The sign before a number, the number, and the sign behind it, without spaces. Raises `InvalidField`."""
    found = _SIGNED.fullmatch(text.strip())
    if found is not None and (not _SPACES.search(found["number"]) or _SPACED.fullmatch(found["number"])):
        before, plain, after = (_SPACES.sub("", found[name]) for name in ("before", "number", "after"))
        if not (before and after):
            return before, plain, after
    raise InvalidField(field, _HOW, small=250_000, large=Decimal("1240000.50"))


def _parts(plain: str) -> tuple[str, str, str]:
    """The whole part without its thousands' marks, the mark before the cents, and the cents; marks in wrong places stay and are refused."""
    last = max(plain.rfind("."), plain.rfind(","))
    whole, mark, rest = (plain[:last], plain[last], plain[last + 1 :]) if last >= 0 else (plain, "", "")
    if mark and len(rest) == 3 and _GROUPED.fullmatch(plain):
        whole, mark, rest = plain, "", ""
    if mark and mark in whole:
        return plain, "", ""
    if _GROUPED.fullmatch(whole):
        whole = whole.replace(".", "").replace(",", "")
    return whole, mark, rest


def _currency(sign: str, field: str, told: str | None, country: str | None) -> str | None:
    """What the sign names, or what was told; else the only currency of the country, where the sign is its own. Raises `InvalidField`."""
    named = _SIGNS.get(sign) or sign.removesuffix("$") or None
    if named is not None and not (re.fullmatch(r"[A-Z]{3}", named) and is_currency(named)):
        raise InvalidField(field, _HOW, small=250_000, large=Decimal("1240000.50"))
    if named is not None and told is not None and named != told:
        raise InvalidField(field, _OTHER_CURRENCY)
    home = named or told or _only_currency(country)
    if home is None or sign != "$" or "$" in get_currency_symbol(home, locale=_home(home, country)):
        return home
    if told is not None:
        raise InvalidField(field, _OTHER_CURRENCY)
    return None


def _only_currency(country: str | None) -> str | None:
    """The one currency that a country pays in; None where there are several."""
    current = get_territory_currencies(country) if country else []
    return current[0] if len(current) == 1 else None


def _home(currency: str | None, country: str | None) -> str:
    """The locale by which people at a currency's home, or else in a country, write numbers."""
    if currency in HOMES:
        return HOMES[currency]
    return f"es_{country}" if country and localedata.exists(f"es_{country}") else "es_419"


def _cent_marks(currency: str | None, country: str | None) -> str:
    """The marks that separate cents for who pays in this currency or lives in this country; both where neither is known."""
    if currency is None and country is None:
        return ".,"
    own = "pt_BR" if country == "BR" else f"es_{country}"
    places = ([_home(currency, country)] if currency else []) + ([own] if country and localedata.exists(own) else [])
    return "".join(get_decimal_symbol(place) for place in places)
