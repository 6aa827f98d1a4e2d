"""Turns view models into HTML in the reader's language: one autoescaped template per thing, for first paint, live frames and catch-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from babel import localedata
from babel.dates import format_date, format_datetime, format_skeleton
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.assets import Assets
from console.catalogs import LANGUAGES, Catalog, read_catalogs
from console.formats import capped as capped
from console.formats import formats, tongue_of, written
from console.formats import hue as hue
from console.formats import initials as initials
from console.formats import iso_day as iso_day
from console.formats import zone_of as zone_of
from console.words import (
    ADDRESS_STATUSES,
    APPROVALS,
    CALL_OUTCOMES,
    CATEGORIES,
    CHANNELS,
    DISPOSITIONS,
    EVENTS,
    LANGUAGE_NAMES,
    LEGAL_STATES,
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


class Renderer:
    """Renders templates, one per process. `now` tells the product's time as aware UTC, so that today differs from earlier days.

    `connected` are the channels that have a sender in this installation.
    """

    def __init__(self, now: Callable[[], datetime], root: Path = ROOT, connected: Sequence[str] = ("sms",)) -> None:
        self.connected = tuple(connected)
        self.assets = Assets(root / "static")
        self._now = now
        self._icons: dict[tuple[str, str], Markup] = {}
        self._catalogs = read_catalogs(root / "locale")
        self._templates = root / "templates"
        self._environments = {tongue: self._environment(tongue) for tongue in map(tongue_of, LANGUAGES)}

    def render(self, template: str, language: str, **context: object) -> str:
        """One template as HTML. Raises `jinja2.TemplateNotFound` and, for a name that was not given, `jinja2.UndefinedError`."""
        tongue = known_tongue(language)
        if tongue not in self._environments:
            self._environments[tongue] = self._environment(tongue)
        return self._environments[tongue].get_template(template).render(context)

    def translate(self, language: str, msgid: str, /, **values: object) -> str:
        """An English msgid in a person's language with its ``%(name)s`` filled in. Raises KeyError for a value that is missing."""
        text = self._catalogs[known_language(language)].gettext(msgid) if msgid else ""
        return text % written(values, known_tongue(language)) if values else text

    def count(self, language: str, one: str, many: str, num: int, /, **values: object) -> str:
        """As `translate`, by the rule of a plural; ``%(num)s`` is the number."""
        text = self._catalogs[known_language(language)].ngettext(one, many, num)
        return text % written({"num": num} | values, known_tongue(language))

    def long_date(self, language: str, iso: str, width: Literal["long", "medium"] = "long") -> str:
        """A calendar day such as ``2026-11-21`` as people say it, or (medium) with its month cut short; anything else as it is."""
        try:
            return format_date(date.fromisoformat(iso), width, locale=LOCALES[known_language(language)])
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

    def _environment(self, tongue: str) -> Environment:
        language = known_language(tongue)
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._install_words(environment, self._catalogs[language], tongue)
        environment.filters |= formats(LOCALES[language], self._now, tongue)
        environment.globals |= {
            "language": language,
            "tongue": tongue,
            "lang": _marker(language),
            "asset": self.asset,
            "icon": self._icon,
            "now": self._now,
        }
        environment.globals |= {"css": f"/assets/{self.assets.css_name}", "js": f"/assets/{self.assets.js_name}"}
        environment.globals |= {"office_css": f"/assets/{self.assets.office_css_name}"}
        return environment

    def _install_words(self, environment: Environment, catalog: Catalog, tongue: str) -> None:
        environment.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {"_": _sayer(catalog, tongue), "ngettext": _counter(catalog, tongue)}
        tables = {
            "channel": CHANNELS,
            "message_state": MESSAGE_STATES,
            "address_status": ADDRESS_STATUSES,
            "role": ROLES,
            "promise_state": PROMISE_STATES,
            "disposition": DISPOSITIONS,
            "notice": NOTICES,
            "payment_state": PAYMENT_STATES,
            "legal_state": LEGAL_STATES,
            "call_outcome": CALL_OUTCOMES,
            "approval": APPROVALS,
            "category": CATEGORIES,
            "language_name": LANGUAGE_NAMES,
        }
        for name, table in tables.items():
            environment.filters[name] = _word_of(table, catalog)

    def _icon(self, name: str, kind: str = "") -> Markup:
        if (name, kind) not in self._icons:
            self._icons[name, kind] = self._drawn(name, kind)
        return self._icons[name, kind]

    def _drawn(self, name: str, kind: str) -> Markup:
        self.assets.check_icon(name)
        classes = f"icon {kind}".strip()
        return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
            classes, self.assets.url("icons.svg"), name
        )


def known_language(language: str | None) -> str:
    """The catalogue for a language tag such as ``es-CO``; Spanish when there is none."""
    tag = (language or "").lower().replace("_", "-").split("-")[0]
    return tag if tag in LANGUAGES else DEFAULT_LANGUAGE


def known_tongue(tag: str | None) -> str:
    """The tongue of a tag: itself where it is one of ours, else the one of its language alone."""
    language = known_language(tag)
    found = tag if tag and tag.startswith(f"{language}-") and localedata.exists(tag.replace("-", "_")) else language
    return found if "-" in found else tongue_of(language)


def _sayer(catalog: Catalog, tongue: str) -> Callable[..., Markup]:
    """The templates' ``_``: as Jinja's own, without looking every sentence up anew for every line. Values are escaped, sentences are ours."""
    known: dict[str, Markup] = {}

    def say(msgid: str, /, **values: object) -> Markup:
        if msgid not in known:
            known[msgid] = Markup(catalog.gettext(msgid))  # noqa: S704 - sentences of our own catalogues
        return known[msgid] % written(values, tongue)

    return say


def _marker(language: str) -> Callable[[str | None], Markup]:
    """The templates' ``lang``: the attribute of a text in another language than the page's; nothing where it is the same, or not known."""

    def mark(of: str | None) -> Markup:
        tag = (of or "").replace("_", "-")
        return Markup(' lang="{}"').format(tag) if tag and tag.split("-")[0].lower() != language else Markup("")

    return mark


def _counter(catalog: Catalog, tongue: str) -> Callable[..., Markup]:
    """The templates' ``ngettext``: ``%(num)s`` is the number that chooses the form, unless another way of writing it is given."""

    def count(one: str, many: str, num: int, /, **values: object) -> Markup:
        return Markup(catalog.ngettext(one, many, num)) % written({"num": num} | values, tongue)  # noqa: S704 - sentences of our own

    return count


def _word_of(table: dict[str, Word], catalog: Catalog) -> Callable[[str], Word]:
    words = {code: Word(word.icon, catalog.gettext(word.label), word.tone) for code, word in table.items()}

    def word(code: str) -> Word:
        return words.get(code) or Word("circle-help", code, "quiet")

    return word
