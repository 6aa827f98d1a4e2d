"""Choices: the buttons or the list below a text on WhatsApp, and what its phones let them be. Each row that is wrong is told by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from base.errors import InvalidField
from base.signs import is_blank, is_line, shown
from base.words import N_

REPLY, LIST = "reply", "list"
MOST_MENU, MOST_DESCRIPTION, MOST_ID = 20, 72, 200
_PLACE = re.compile(r"\{\{|\}\}")
ONLY_LISTS = N_("Only a list has a word that opens it.")
_INNER = N_("Places such as {{first_name}} stand in the words above only.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows a kind has at the most, how long their words are in characters, and what is said of too many."""

    rows: int
    title: int
    too_many: str


LIMITS = {
    REPLY: Limits(3, 20, N_("There are three buttons at the most.")),
    LIST: Limits(10, 24, N_("A list has ten items at the most.")),
}


def as_kept(choices: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Rows as they are kept: what is empty is left out."""
    return [{name: value for name, value in one.items() if value or name != "description"} for one in choices]


def problems(choices: Sequence[Mapping[str, str]], menu: str | None, *, needed: bool) -> Iterator[InvalidField]:
    """Everything that is not right, row by row: fields are ``buttons``, ``buttons[2].title`` and ``menu``. `needed` is whether there must be any."""
    kinds = {choice.get("type", "") for choice in choices}
    if not choices:
        if needed:
            yield InvalidField("buttons", N_("Write at least one that the client can choose."))
        return
    if not kinds <= set(LIMITS):
        yield InvalidField("buttons", "must be of type reply or list")
    elif len(kinds) > 1:
        yield InvalidField("buttons", N_("Choose either buttons or a list."))
    else:
        yield from _of_menu(menu, LIST in kinds)
        yield from _of_rows(choices, LIMITS[kinds.pop()])


def _of_menu(menu: str | None, listed: bool) -> Iterator[InvalidField]:
    if listed:
        yield from _of_words("menu", menu or "", MOST_MENU)
    elif menu:
        yield InvalidField("menu", ONLY_LISTS)


def _of_rows(choices: Sequence[Mapping[str, str]], limits: Limits) -> Iterator[InvalidField]:
    titles, ids = set[str](), set[str]()
    for number, choice in enumerate(choices):
        row, title, key = f"buttons[{number}]", choice.get("title", ""), choice.get("id", "")
        if number >= limits.rows:
            yield InvalidField(f"{row}.title", limits.too_many)
            continue
        yield from _of_words(f"{row}.title", title, limits.title)
        if title and _as_read(title) in titles:
            yield InvalidField(f"{row}.title", N_("Another row says the same: the answer would not tell which."))
        yield from _of_id(f"{row}.id", key, ids)
        yield from _of_description(f"{row}.description", choice, listed=choice.get("type") == LIST)
        titles.add(_as_read(title))
        ids.add(key)


def _of_words(field: str, words: str, most: int) -> Iterator[InvalidField]:
    if is_blank(shown(words)):
        yield InvalidField(field, N_("Write what the client reads here."))
    elif len(words) > most:
        yield InvalidField(field, N_("Too long: %(length)s characters, and %(most)s are the most."), length=len(words), most=most)
    yield from _of_signs(field, words)


def _of_signs(field: str, words: str) -> Iterator[InvalidField]:
    if _hides(words):
        yield InvalidField(field, N_("There is a character in it that nobody sees. Write it anew."))
    elif _PLACE.search(words):
        yield InvalidField(field, _INNER)


def _of_id(field: str, key: str, others: set[str]) -> Iterator[InvalidField]:
    if not 0 < len(key) <= MOST_ID or _hides(key) or _PLACE.search(key):
        yield InvalidField(field, N_("The id is to be %(most)s letters at the most, and all of them visible."), most=MOST_ID)
    elif key in others:
        yield InvalidField(field, N_("Another row has the same id."))


def _of_description(field: str, choice: Mapping[str, Any], *, listed: bool) -> Iterator[InvalidField]:
    words = choice.get("description", "")
    if words and not listed:
        yield InvalidField(field, N_("A button has no second line: leave it empty."))
    elif words:
        yield from _of_words(field, words, MOST_DESCRIPTION)


def _as_read(title: str) -> str:
    """A title as a client tells it from another: whatever its case, its spaces, and how its letters are put together."""
    return " ".join(unicodedata.normalize("NFKC", title).split()).casefold()


def _hides(words: str) -> bool:
    """Whether something in it steers how others are shown, or is no character at all: a client would read something else than its author."""
    return shown(words) != words or not is_line(words)
