"""Builds the settings' page of prepared texts: versions gathered by name and language, and the preview of what is being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from babel import Locale, UnknownLocaleError

from base.words import N_
from channels.segments import count
from compliance.linting import lint
from compliance.wording import warnings
from console.desk.composers import shown_approval, warning_views
from console.desk.teller import Desk
from console.rendering import LOCALES, known_language
from console.views.composer import Piece
from console.views.prepared import PointView, PreparedView, PreviewChoice, PreviewView, TextView
from console.views.setup import Form
from console.words import PLACES
from inbox.choices import LIMITS, LIST, MOST_DESCRIPTION
from inbox.filling import pieces_of
from inbox.templates import CANNED, SESSION

# What answers a client on WhatsApp without approval.
ANSWERS: Final = ("list", "buttons")
KINDS: Final = ("whatsapp", *ANSWERS, "sms", "canned")
POINTS: Final = {
    "who": N_("Who writes"),
    "amount": N_("How much"),
    "date": N_("By when"),
    "pay": N_("How to pay"),
    "opt_out": N_("How to stop it"),
}


def kind_of(row: Any) -> str:  # noqa: ANN401 - a row of template
    """What people call it: a template by its channel, a list or buttons, or a quick reply."""
    if row.kind == SESSION:
        return "list" if any(button["type"] == LIST for button in row.buttons) else "buttons"
    return CANNED if row.kind == CANNED else str(row.channel)


def prepared_views(desk: Desk, rows: Sequence[Any], kind: str | None = None) -> list[PreparedView]:
    """Versions in use (of `inbox.templates.in_use`) by kind, name and creditor; only those of one kind, where it is given."""
    chosen = sorted((row for row in rows if kind in (None, kind_of(row))), key=_named)
    return [_prepared(desk, list(group)) for _, group in groupby(chosen, key=lambda row: _named(row)[:4])]


def _named(row: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a row
    return KINDS.index(kind_of(row)), row.name.casefold(), row.channel or "", row.creditor or "", row.language, -row.version


def _prepared(desk: Desk, rows: Sequence[Any]) -> PreparedView:
    texts = tuple(_text(desk, list(group)) for _, group in groupby(rows, key=lambda row: row.language))
    return PreparedView(rows[0].name, kind_of(rows[0]), rows[0].creditor or "", texts)


def _text(desk: Desk, versions: Sequence[Any]) -> TextView:
    """One language, its newest version first."""
    newest = versions[0]
    approved = next((row.version for row in versions if row.approval in ("approved", "unneeded")), None)
    return TextView(
        id=str(newest.id),
        language=newest.language,
        language_name=language_name(desk.reader.language, newest.language),
        version=newest.version,
        approval=shown_approval(newest),
        reason=desk.say(newest.approval_reason) if newest.approval_reason else "",
        category=newest.category,
        legal=newest.legal,
        buttons=tuple(button["title"] for button in newest.buttons),
        menu=newest.menu or "",
        pieces=_pieces(desk, newest.body, {}),
        offered=approved if approved != newest.version else None,
    )


def language_name(reader: str, tag: str) -> str:
    """What a language is called, such as ``Portugués (Brasil)``; the tag where nobody knows it."""
    try:
        name = str(Locale.parse(tag, sep="-").get_display_name(LOCALES[known_language(reader)]) or tag)
        return name[:1].upper() + name[1:]
    except (UnknownLocaleError, ValueError):
        return tag


def preview_of(desk: Desk, form: Form, values: Mapping[str, str], choices: Sequence[Mapping[str, str]], menu: str) -> PreviewView:
    """A text that is being written, with sample values, and what is to be said of it."""
    kind, language, body, legal = form.value("kind"), form.value("language"), form.value("body"), form.value("legal") == "1"
    pieces = _pieces(desk, body, values)
    words = "".join(piece.text for piece in pieces)
    sms = count(words)
    titles = tuple(choice["title"] for choice in choices)
    return PreviewView(
        kind=kind,
        language=language or "es",
        pieces=pieces,
        choices=tuple(_choice(choice) for choice in choices),
        menu=menu,
        listed=kind == "list",
        characters=len(words),
        segments=sms.segments,
        costly=sms.forcing.character if sms.forcing else "",
        points=() if kind in (CANNED, *ANSWERS) or not body else _points(desk, body, titles),
        warnings=warning_views(desk, words, warnings(words, language or "es", legal=legal)),
        own_places=tuple(dict.fromkeys(piece.name for piece in pieces if piece.name and piece.missing)),
    )


def _choice(choice: Mapping[str, str]) -> PreviewChoice:
    over = len(choice["title"]) - LIMITS[choice["type"]].title, len(choice["description"]) - MOST_DESCRIPTION
    return PreviewChoice(choice["title"], choice["description"], (max(0, over[0]), max(0, over[1])))


def _points(desk: Desk, body: str, titles: Sequence[str]) -> tuple[PointView, ...]:
    return tuple(PointView(desk.say(POINTS[point.name]), point.said, desk.say(point.advice)) for point in lint(body, titles))


def _pieces(desk: Desk, body: str, values: Mapping[str, str]) -> tuple[Piece, ...]:
    """A text cut at its places; those without a value say what comes there."""
    return tuple(_piece(desk, piece.kind, piece.text, piece.place) for piece in pieces_of(body, values))


def _piece(desk: Desk, kind: str, text: str, place: str | None) -> Piece:
    if place is None:
        return Piece(text)
    return Piece(place_name(desk, place) if kind == "missing" else text, place, missing=kind == "missing")


def place_name(desk: Desk, place: str) -> str:
    """What a place is called on screens."""
    return desk.say(PLACES[place]) if place in PLACES else place.replace("_", " ")
