"""Signs that nobody sees: what only hides is dropped, what turns the order of reading is refused, what joins an emoji stays."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from base.errors import InvalidField
from base.words import N_

TURNED: Final = N_("An invisible sign in it turns the order of reading. Type it instead of pasting it.")
# With one of these, "pay 100 - 20" is read as "20 - 100": what is sent is not what was seen. No language of ours is written with them.
_TURNS = re.compile("[\u061c\u200f\u202b\u202d\u202e\u2067]")
# Spreadsheets and address books leave such around numbers and words; with them, equal words differ and an SMS needs more segments.
_HIDES = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180e\u200b\u200e\u202a\u202c\u2060-\u2064\u2066\u2068-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
# Invisible, and right where they stand: joiners within an emoji or a script that needs them, and the letters behind a flag.
_JOINER = re.compile("[\u200c\u200d]")
_JOINED = re.compile("[^\\W\u0000-\u024f]|[\u0300-\u036f\ufe0f\u2190-\u2bff\U0001f000-\U0001faff]")
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f)|[\U000e0000-\U000e007f]")
_MAY_STAND = re.compile("[\u200c\u200d\U000e0000-\U000e007f]")


def clean(text: str) -> str:
    """Text that PostgreSQL and every screen can hold: without NUL, with lone surrogates replaced."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def typed(text: str, field: str) -> str:
    """Clean text that somebody wrote, without signs that hide. Raises `InvalidField` for one that turns the order of reading."""
    if turns(text):
        raise InvalidField(field, TURNED)
    return shown(clean(text))


def turns(text: str) -> bool:
    """Whether a sign in it makes people read another order than the one that is sent."""
    return _TURNS.search(text) is not None


def shown(text: str) -> str:
    """A text with nothing in it that cannot be seen; those that turn the order of reading are dropped as well."""
    return unhidden(_TURNS.sub("", text))


def unhidden(text: str) -> str:
    """A text without signs that hide; those that turn the order of reading are left, to be refused by whoever can name the field."""
    text = _FLAG.sub(lambda found: found[1] or "", _HIDES.sub("", text))
    return _JOINER.sub(lambda found: found[0] if _joins(text, found.start()) else "", text)


def is_line(text: str) -> bool:
    """Whether everything in it can be printed, or belongs to an emoji that can."""
    return _MAY_STAND.sub("", text).isprintable()


def is_kept(character: str) -> bool:
    """Whether a character may stay in what is read from a form or a file, for `typed` to judge."""
    return character.isprintable() or _MAY_STAND.match(character) is not None or turns(character)


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: spaces, and signs that only steer how others are shown."""
    return not any(unicodedata.category(character)[0] not in "ZC" for character in text)


def _joins(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return bool(_JOINED.fullmatch(before) and _JOINED.fullmatch(after))
