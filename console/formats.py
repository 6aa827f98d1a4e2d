"""Times, amounts and names as people write them: the filters of templates. What is told never says more than it was given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import localedata
from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from base.money import money
from console.views import COUNT_CAP

DAY_PATTERNS: Final = {"es_419": "EEEE d 'de' MMMM", "pt_BR": "EEEE, d 'de' MMMM", "en": "EEEE, MMMM d"}
HUES: Final = 8
# A currency's sign before its figures.
_SIGN: Final = re.compile(r"([$€₲]|S/) (?=\d)")
_SMALL_WORDS: Final = frozenset(("de", "del", "la", "las", "los", "da", "das", "do", "dos", "e", "y"))
# Of three words the middle one is mostly the first surname, but for what people are given as a second name. Without accents.
_SECOND_NAMES: Final = frozenset(
    "alberto alejandra alejandro alfonso alfredo alicia amalia amparo ana andrea andres angel angelica antonia antonio armando arturo augusto beatriz"
    " camila camilo carlos carmen carolina catalina cecilia cesar clara claudia consuelo cristina daniel daniela david diana eduardo elena eliana"
    " elizabeth emilia emilio enrique ernesto esteban esther eugenia eugenio fabian felipe fernanda fernando francisca francisco gabriel gabriela"
    " gloria guadalupe guillermo gustavo helena henrique hernan ignacio ines irene isabel javier jesus joao joaquin jorge jose juan juana julia julian"
    " juliana julio leonor leticia liliana lorena lourdes lucia luis luisa luiz luiza magdalena manuel manuela marcela marcelo margarita maria mariana"
    " mario marta martha mauricio mercedes miguel milena monica natalia nicolas olga orlando pablo paola patricia paula paulo pedro pilar rafael"
    " ramiro raquel raul ricardo roberto rocio rodrigo rosa ruben sandra santiago sebastian sergio silvia sofia sol soledad stella susana teresa"
    " valentina veronica vicente victor victoria viviana ximena yolanda".split()
)


def formats(locale: str, now: Callable[[], datetime], tongue: str) -> dict[str, Callable[..., Any]]:
    """The filters whose answer depends on the reader's locale, and on their tongue where numbers are written."""

    def clock(at: datetime, zone: str) -> str:
        return at.astimezone(zone_of(zone)).strftime("%H:%M")  # the same digits in all of our languages

    def moment(at: datetime, zone: str) -> str:
        return f"{_told(at.astimezone(zone_of(zone)).date(), 'long', locale)}, {clock(at, zone)}"

    def when(at: datetime, zone: str) -> str:
        if iso_day(at, zone) == iso_day(now(), zone):
            return clock(at, zone)
        return short_date(at.astimezone(zone_of(zone)).date())

    def short_date(on: date) -> str:
        return format_skeleton("MMMd", on, locale=locale).replace(".", "")

    def soon(at: datetime, zone: str) -> str:
        day = "" if iso_day(at, zone) == iso_day(now(), zone) else short_date(at.astimezone(zone_of(zone)).date()) + " "
        return day + clock(at, zone)

    own: dict[str, Callable[..., Any]] = {
        "clock": clock,
        "moment": moment,
        "soon": soon,
        "when": when,
        "short_date": short_date,
    }
    return own | _days(locale, now) | _sizes(tongue, now) | _ANYWHERE


@lru_cache(maxsize=256)
def tongue_of(language: str, zone: str = "") -> str:
    """The tag of somebody's pages: their language, and for Spanish the country of their IANA zone, whose way of writing numbers is theirs.

    ``es-CO`` writes 1.234,5 and ``es-MX`` 1,234.5; ``es-419`` where the country is not known.
    """
    if language == "es":
        country = get_global("zone_territories").get(zone, "")
        return f"es-{country}" if country and localedata.exists(f"es_{country}") else "es-419"
    return "pt-BR" if language == "pt" else language


def number(value: int | Decimal, tongue: str) -> str:
    """A number as people write it where a tongue is spoken; a decimal with the decimals it was given."""
    decimals = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
    return format_decimal(value, f"#,##0.{'0' * decimals}" if decimals else "#,##0", locale=tongue.replace("-", "_"))


def written(values: Mapping[str, object], tongue: str) -> dict[str, object]:
    """What fills the places of a sentence, its numbers as a tongue writes them."""
    return {
        name: number(value, tongue) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
        for name, value in values.items()
    }


def _days(locale: str, now: Callable[[], datetime]) -> dict[str, Callable[..., Any]]:
    """The filters that tell one day from another."""

    def day(at: datetime, zone: str) -> str:
        pattern = DAY_PATTERNS[locale]
        if iso_day(at, zone)[:4] != iso_day(now(), zone)[:4]:
            pattern += ", y" if locale == "en" else " 'de' y"
        return _told(at.astimezone(zone_of(zone)).date(), pattern, locale)

    def near(at: datetime, zone: str) -> str:
        days = {iso_day(now() - timedelta(days=back), zone): name for back, name in ((1, "yesterday"), (0, "today"))}
        return days.get(iso_day(at, zone), "")

    return {"day": day, "near": near}


def _sizes(tongue: str, now: Callable[[], datetime]) -> dict[str, Callable[..., Any]]:
    """The filters that tell how much is left, and how large something is."""

    def remaining(until: datetime) -> str:
        hours, minutes = divmod(max(0, int((until - now()).total_seconds())) // 60, 60)
        return f"{hours} h {minutes:02} m" if hours else f"{minutes} m"

    def filesize(size: int) -> str:
        small = size < 1_000_000
        return (
            f"{format_decimal(size / (1000 if small else 1_000_000), '#,##0.#', locale=tongue.replace('-', '_'))} {'kB' if small else 'MB'}"
        )

    return {"remaining": remaining, "filesize": filesize, "number": lambda value: number(value, tongue)}


@lru_cache(maxsize=4096)
def _told(on: date, pattern: str, locale: str) -> str:
    """A calendar day in words. A timeline says the same few days on every line, and working one out costs as much as the rest of the line."""
    return format_date(on, pattern, locale=locale)


def zone_of(name: str) -> ZoneInfo:
    """A zone by its IANA name; UTC for a name that no longer exists, so that one bad row cannot break a page."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def iso_day(at: datetime, zone: str) -> str:
    """The calendar day of a moment in a zone, as ``2026-11-21``."""
    return at.astimezone(zone_of(zone)).date().isoformat()


def capped(count: int) -> str:
    """A count of a list that is never counted to its end: ``99+`` above the cap."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def initials(name: str) -> str:
    """At most two letters that stand for a name: of the first name and of the first surname; a sign stands for a person without one.

    The last but one of several words is the first surname, as people in Latin America write their names, unless it is a second name; small words do
    not count.
    """
    words = [word for word in name.split() if word[0].isalpha() and word.casefold() not in _SMALL_WORDS]
    if len(words) < 2:
        return "".join(word[0] for word in words).upper() or "#"
    first_surname = -2 if len(words) > 3 or (len(words) > 2 and _plain(words[1]) not in _SECOND_NAMES) else -1
    return (words[0][0] + words[first_surname][0]).upper()


def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter))


def hue(key: str) -> int:
    """One of the avatars' tints, the same for a key on every page and process."""
    return sum(key.encode()) % HUES


def unbroken(text: str) -> str:
    """A text whose sums are not broken from their signs at the end of a line. Only where it is shown: an SMS with such a space would cost twice."""
    return _SIGN.sub("\\1\N{NO-BREAK SPACE}", text)


# The same for every reader.
_ANYWHERE: Final[dict[str, Callable[..., Any]]] = {
    "iso_day": iso_day,
    "money": money,
    "unbroken": unbroken,
    "capped": capped,
    "initials": initials,
    "hue": hue,
}
