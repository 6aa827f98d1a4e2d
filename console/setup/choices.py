"""What the settings' fields offer, in the reader's words: countries, zones, languages, roles and kinds of creditors."""

from __future__ import annotations

from typing import Final

from babel import Locale

from base.words import N_
from console.desk import Desk
from console.rendering import LOCALES, known_language
from console.views.setup import Choice
from console.words import LANGUAGE_NAMES, ROLES

COUNTRIES: Final = "AR BO BR CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE".split()
ZONES: Final = (
    "America/Argentina/Buenos_Aires America/Asuncion America/Bogota America/Cancun America/Caracas America/Costa_Rica America/El_Salvador"
    " America/Guatemala America/Guayaquil America/Havana America/La_Paz America/Lima America/Managua America/Manaus America/Mexico_City"
    " America/Monterrey America/Montevideo America/New_York America/Panama America/Puerto_Rico America/Santiago America/Santo_Domingo"
    " America/Sao_Paulo America/Tegucigalpa America/Tijuana Europe/Madrid UTC"
).split()
CREDITOR_TYPES: Final = {
    "bank": N_("Bank or financial company"),
    "store": N_("Store"),
    "telecom": N_("Telephone or internet company"),
    "utility": N_("Public service"),
    "other": N_("Another kind"),
}


def countries(language: str) -> tuple[Choice, ...]:
    """Countries by their name."""
    found = [Choice(code, country_name(language, code)) for code in COUNTRIES]
    return tuple(sorted(found, key=lambda choice: choice.label))


def country_name(language: str, code: str | None) -> str:
    """What a country is called; the code where nobody knows."""
    if not code:
        return ""
    return str(Locale.parse(LOCALES[known_language(language)]).territories.get(code, code))


def zones(present: str = "") -> tuple[Choice, ...]:
    """Zones of Latin America, and the one that is set at present."""
    return tuple(Choice(name, name.rpartition("/")[2].replace("_", " ")) for name in sorted({*ZONES, *([present] if present else [])}))


def languages(desk: Desk) -> tuple[Choice, ...]:
    """The languages that screens speak."""
    return tuple(Choice(code, desk.say(word.label)) for code, word in LANGUAGE_NAMES.items())


def roles(desk: Desk) -> tuple[Choice, ...]:
    """What people may be."""
    return tuple(Choice(code, desk.say(word.label)) for code, word in ROLES.items())


def creditor_types(desk: Desk) -> tuple[Choice, ...]:
    """The kinds of creditors."""
    return tuple(Choice(code, desk.say(label)) for code, label in CREDITOR_TYPES.items())
