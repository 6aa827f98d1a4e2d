"""Turns view models into HTML in the reader's language: one autoescaped template per thing, for first paint, live frames and catch-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from base.money import money
from console.assets import Assets
from console.catalogs import LANGUAGES, Catalog, read_catalogs
from console.views import COUNT_CAP
from console.words import (
    ADDRESS_STATUSES,
    APPROVALS,
    CATEGORIES,
    CHANNELS,
    DISPOSITIONS,
    EVENTS,
    LANGUAGE_NAMES,
    MESSAGE_STATES,
    NOTICES,
    PAYMENT_STATES,
    PROMISE_STATES,
    ROLES,
    Word,
)

ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_LANGUAGE: Final = "es"
LOCALES: Final = {"es": "es_419", "pt": "pt_BR", "en": "en"}
DAY_PATTERNS: Final = {"es_419": "EEEE d 'de' MMMM", "pt_BR": "EEEE, d 'de' MMMM", "en": "EEEE, MMMM d"}
HUES: Final = 8
_SMALL_WORDS: Final = frozenset(("de", "del", "la", "las", "los", "da", "das", "do", "dos", "e", "y"))


class Renderer:
    """Renders templates, one per process. `now` tells the product's time as aware UTC, so that today differs from earlier days.

    `connected` are the channels that have a sender in this installation.
    """

    def __init__(self, now: Callable[[], datetime], root: Path = ROOT, connected: Sequence[str] = ("sms",)) -> None:
        self.connected = tuple(connected)
        self.assets = Assets(root / "static")
        self._now = now
        self._catalogs = read_catalogs(root / "locale")
        self._environments = {language: self._environment(root / "templates", language) for language in LANGUAGES}

    def render(self, template: str, language: str, **context: object) -> str:
        """One template as HTML. Raises `jinja2.TemplateNotFound` and, for a name that was not given, `jinja2.UndefinedError`."""
        return self._environments[known_language(language)].get_template(template).render(context)

    def translate(self, language: str, msgid: str, /, **values: object) -> str:
        """An English msgid in a person's language with its ``%(name)s`` filled in. Raises KeyError for a value that is missing."""
        text = self._catalogs[known_language(language)].gettext(msgid) if msgid else ""
        return text % values if values else text

    def long_date(self, language: str, iso: str) -> str:
        """A calendar day such as ``2026-11-21`` as people say it; anything else as it is."""
        try:
            return format_date(date.fromisoformat(iso), "long", locale=LOCALES[known_language(language)])
        except ValueError:
            return iso

    def moment(self, language: str, at: datetime, zone: str) -> str:
        """A moment as people say it: the day and the clock of a zone."""
        local = at.astimezone(zone_of(zone))
        locale = LOCALES[known_language(language)]
        return f"{format_date(local.date(), 'long', locale=locale)}, {format_datetime(local, 'HH:mm', locale=locale)}"

    def short_date(self, language: str, on: date) -> str:
        """A day without its year, with its day of the week: ``lun 23 nov``."""
        return format_skeleton("MMMEd", on, locale=LOCALES[known_language(language)]).replace(".", "").replace(",", "")

    def event_text(self, language: str, event: str, /, **values: object) -> str:
        """The sentence of a timeline event of `console.words.EVENTS`. Raises KeyError for one that has no sentence."""
        return self.translate(language, EVENTS[event], **values)

    def asset(self, name: str) -> str:
        """The address of a file under ``static/``, changed whenever its bytes change. Raises LookupError for a missing one."""
        return self.assets.url(name)

    def bundle_css(self) -> tuple[str, bytes]:
        """The whole style sheet: its file name with a hash, and its bytes."""
        return self.assets.css_name, self.assets.css

    def bundle_js(self) -> tuple[str, bytes]:
        """All scripts of the desk in one file: its name with a hash, and its bytes."""
        return self.assets.js_name, self.assets.js

    def _environment(self, templates: Path, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._install_words(environment, self._catalogs[language])
        environment.filters |= _formats(LOCALES[language], self._now)
        environment.globals |= {"language": language, "asset": self.asset, "icon": self._icon, "now": self._now}
        environment.globals |= {"css": f"/assets/{self.assets.css_name}", "js": f"/assets/{self.assets.js_name}"}
        return environment

    def _install_words(self, environment: Environment, catalog: Catalog) -> None:
        environment.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]
        tables = {
            "channel": CHANNELS,
            "message_state": MESSAGE_STATES,
            "address_status": ADDRESS_STATUSES,
            "role": ROLES,
            "promise_state": PROMISE_STATES,
            "disposition": DISPOSITIONS,
            "notice": NOTICES,
            "payment_state": PAYMENT_STATES,
            "approval": APPROVALS,
            "category": CATEGORIES,
            "language_name": LANGUAGE_NAMES,
        }
        for name, table in tables.items():
            environment.filters[name] = _word_of(table, catalog)

    def _icon(self, name: str, kind: str = "") -> Markup:
        self.assets.check_icon(name)
        classes = f"icon {kind}".strip()
        return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
            classes, self.assets.url("icons.svg"), name
        )


def known_language(language: str | None) -> str:
    """The catalogue for a language tag such as ``es-CO``; Spanish when there is none."""
    tag = (language or "").lower().replace("_", "-").split("-")[0]
    return tag if tag in LANGUAGES else DEFAULT_LANGUAGE


def _word_of(table: dict[str, Word], catalog: Catalog) -> Callable[[str], Word]:
    words = {code: Word(word.icon, catalog.gettext(word.label), word.tone) for code, word in table.items()}

    def word(code: str) -> Word:
        return words.get(code) or Word("circle-help", code, "quiet")

    return word


def _formats(locale: str, now: Callable[[], datetime]) -> dict[str, Callable[..., Any]]:
    """The filters whose answer depends on the reader's locale."""

    def clock(at: datetime, zone: str) -> str:
        return format_datetime(at.astimezone(zone_of(zone)), "HH:mm", locale=locale)

    def day(at: datetime, zone: str) -> str:
        pattern = DAY_PATTERNS[locale]
        if iso_day(at, zone)[:4] != iso_day(now(), zone)[:4]:
            pattern += ", y" if locale == "en" else " 'de' y"
        return format_date(at.astimezone(zone_of(zone)).date(), pattern, locale=locale)

    def near(at: datetime, zone: str) -> str:
        days = {iso_day(now() - timedelta(days=back), zone): name for back, name in ((1, "yesterday"), (0, "today"))}
        return days.get(iso_day(at, zone), "")

    def moment(at: datetime, zone: str) -> str:
        return f"{format_date(at.astimezone(zone_of(zone)).date(), 'long', locale=locale)}, {clock(at, zone)}"

    def when(at: datetime, zone: str) -> str:
        if iso_day(at, zone) == iso_day(now(), zone):
            return clock(at, zone)
        return short_date(at.astimezone(zone_of(zone)).date())

    def short_date(on: date) -> str:
        return format_skeleton("MMMd", on, locale=locale).replace(".", "")

    def soon(at: datetime, zone: str) -> str:
        day = "" if iso_day(at, zone) == iso_day(now(), zone) else short_date(at.astimezone(zone_of(zone)).date()) + " "
        return day + clock(at, zone)

    def number(value: int) -> str:
        return format_decimal(value, locale=locale)

    return _sizes(locale, now) | {
        "clock": clock,
        "day": day,
        "moment": moment,
        "near": near,
        "soon": soon,
        "when": when,
        "short_date": short_date,
        "number": number,
        "iso_day": iso_day,
        "money": money,
        "capped": capped,
        "initials": initials,
        "hue": hue,
    }


def _sizes(locale: str, now: Callable[[], datetime]) -> dict[str, Callable[..., Any]]:
    """The filters that tell how much is left, and how large something is."""

    def remaining(until: datetime) -> str:
        hours, minutes = divmod(max(0, int((until - now()).total_seconds())) // 60, 60)
        return f"{hours} h {minutes:02} m" if hours else f"{minutes} m"

    def filesize(size: int) -> str:
        small = size < 1_000_000
        return f"{format_decimal(size / (1000 if small else 1_000_000), '#,##0.#', locale=locale)} {'kB' if small else 'MB'}"

    return {"remaining": remaining, "filesize": filesize}


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

    Of four words and more the last but one is the first surname, as people in Latin America write their names; small words do not count.
    """
    words = [word for word in name.split() if word[0].isalpha() and word.casefold() not in _SMALL_WORDS]
    if len(words) < 2:
        return "".join(word[0] for word in words).upper() or "#"
    return (words[0][0] + words[-2 if len(words) > 3 else -1][0]).upper()


def hue(key: str) -> int:
    """One of the avatars' tints, the same for a key on every page and process."""
    return sum(key.encode()) % HUES
