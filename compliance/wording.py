"""Wording: phrases that a client should rather not read, pointed out with kinder ones. A hint about style: it never stops a message.

What may not be sent at all is the gate's to say. Texts that lawyers approved word for word are exempt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from base.words import N_
from compliance.phrases import PHRASES

# What each kind of warning says to the writer.
KINDS = {
    "label": N_("It puts a name on the person. Speak of the client."),
    "word": N_("It sounds harsh to a client. Speak of the account or the balance."),
    "threat": N_("It reads as a threat. Say what can be done, and how we help."),
    "exposure": N_("It hints at telling others. What we know stays between us and the client."),
    "pressure": N_("It presses. Say the date and the amount, calmly."),
    "blame": N_("It blames. Say what is open and how it can be settled."),
    "asking_why": N_("It asks why they did not pay. In Colombia that is not allowed; note it only if they tell on their own."),
    "shouting": N_("Capitals read as shouting."),
}
DEFAULT_LANGUAGE = "es"
_LETTERS = r"[^\W\d_]"
# Three words in capitals in a row; names and short codes stand alone or in pairs.
_SHOUTED = re.compile(r"(?:[^\W\d_a-zà-öø-ÿ]{2,}[\s,;:]+){2,}[^\W\d_a-zà-öø-ÿ]{2,}(?![^\W\d_])")
_SHOUTED_WORD = re.compile(rf"[¡!]\s*(?P<word>{_LETTERS}{{4,}})\s*!")
_BANGS = re.compile(r"!{2,}|¡{2,}")


@dataclass(frozen=True, slots=True)
class Warning:
    """One phrase at ``text[start:end]``. `kind` is one of `KINDS`; `instead` are kinder words in the text's language, or nothing."""

    start: int
    end: int
    phrase: str
    kind: str
    instead: str = ""

    @property
    def why(self) -> str:
        """Why it is pointed out: an English msgid."""
        return KINDS[self.kind]


def warnings(text: str, language: str = DEFAULT_LANGUAGE, *, legal: bool = False) -> list[Warning]:
    """What a client should rather not read in `text`, in its order, none inside another. Nothing of an approved `legal` text."""
    if legal:
        return []
    found = sorted([*_phrases(text, language), *_shouts(text)], key=lambda one: (one.start, -one.end))
    kept: list[Warning] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _phrases(text: str, language: str) -> Iterator[Warning]:
    tag = language.lower().split("-")[0]
    folded, places = _fold(text)
    for pattern, kind, instead in _compiled(tag if tag in PHRASES else DEFAULT_LANGUAGE):
        for match in pattern.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            yield Warning(start, end, text[start:end], kind, instead)


def _shouts(text: str) -> Iterator[Warning]:
    for match in _SHOUTED.finditer(text):
        if match[0].upper() == match[0]:
            yield Warning(match.start(), match.end(), match[0], "shouting")
    for match in _SHOUTED_WORD.finditer(text):
        if match["word"].isupper():
            yield Warning(match.start(), match.end(), match[0], "shouting")
    for match in _BANGS.finditer(text):
        yield Warning(match.start(), match.end(), match[0], "pressure")


def _fold(text: str) -> tuple[str, list[int]]:
    """Small letters without accents, and for each the place in the text that it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for part in unicodedata.normalize("NFD", char.casefold()):
            if not unicodedata.combining(part):
                letters.append(" " if part.isspace() else part)
                places.append(place)
    return "".join(letters), places


@lru_cache
def _compiled(language: str) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple((re.compile(rf"\b(?:{pattern})\b"), kind, instead) for pattern, kind, instead in PHRASES[language])
