"""Reads amounts as people write them: «1.240.000,50», «1,240,000.50», «$ 250 000». A guess that could be wrong by a thousand is refused."""

from __future__ import annotations

import re
from decimal import Decimal

from base.errors import InvalidField
from base.words import N_

MOST_MONEY = Decimal(10) ** 12
_SIGNS = re.compile(r"^(?:[A-Z]{0,3}\$|S/\.?|[A-Z]{3})|[A-Z]{3}$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_HOW = N_("Write an amount such as %(small)s or %(large)s.")


def read_amount(text: str, field: str = "amount") -> Decimal:
    """A positive amount with at most two decimals. Raises `InvalidField`.

    Points and commas are read by what stands behind them, so that every country's writing works whatever the reader's language: three digits
    are thousands, one or two after the last mark are cents. No currency here has three decimals.
    """
    plain = _SIGNS.sub("", _SPACES.sub("", text.strip()))
    whole, mark, cents = _parts(plain)
    if not re.fullmatch(r"\d{1,15}", whole) or (mark and not re.fullmatch(r"\d{1,2}", cents)):
        raise InvalidField(field, _HOW, small=250_000, large=Decimal("1240000.50"))
    amount = Decimal(f"{whole}.{cents or '0'}")
    if amount <= 0:
        raise InvalidField(field, N_("The amount must be more than zero."))
    if amount > MOST_MONEY:
        raise InvalidField(field, N_("This amount is too large."))
    return amount


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
