"""Money as people at its home write it, whatever the reader's language: "$ 2.480.000" is what a Colombian statement says."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from babel.numbers import format_currency

HOMES: Final = {
    "COP": "es_CO",
    "MXN": "es_MX",
    "BRL": "pt_BR",
    "ARS": "es_AR",
    "CLP": "es_CL",
    "PEN": "es_PE",
    "PYG": "es_PY",
    "USD": "en_US",
}
WITHOUT_CENTS: Final = frozenset({"COP", "CLP", "PYG"})


def money(amount: Decimal, currency: str) -> str:
    """An amount with its sign and separators, e.g. ``$ 2.480.000``; cents only where the currency is paid with them or they are there."""
    digits = 0 if currency in WITHOUT_CENTS and amount == amount.to_integral_value() else 2
    pattern = f"¤ #,##0{'.' + '0' * digits if digits else ''}"
    return format_currency(amount, currency, pattern, locale=HOMES.get(currency, "es_419"), currency_digits=False).strip()
