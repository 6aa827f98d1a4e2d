"""Counts what an SMS costs: its encoding and its segments, as operators split it (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM = "GSM-7"
UNICODE = "UCS-2"
# Units that one message alone may have, and each part of a longer one: a part's header takes the rest.
ROOM = {GSM: (160, 153), UNICODE: (70, 67)}


@dataclass(frozen=True, slots=True)
class Forcing:
    """The first character that GSM-7 lacks, and its place in the text (counted in characters, from 0)."""

    character: str
    position: int


@dataclass(frozen=True, slots=True)
class Segments:
    """The price of a text. `units` are septets in GSM-7 and UTF-16 units in UCS-2; `remaining` is the room left in the last segment."""

    encoding: str
    units: int
    segments: int
    per_segment: int
    remaining: int
    forcing: Forcing | None = None


def count(text: str) -> Segments:
    """What a text costs as SMS. An empty text has no segment."""
    forcing = next((Forcing(char, place) for place, char in enumerate(text) if char not in BASIC and char not in EXTENSION), None)
    encoding = UNICODE if forcing else GSM
    sizes = [2 if ord(char) > 0xFFFF else 1 for char in text] if forcing else [2 if char in EXTENSION else 1 for char in text]
    alone, part = ROOM[encoding]
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, 1 if text else 0, alone, alone - units, forcing)
    segments, used = _split(sizes, part)
    return Segments(encoding, units, segments, part, part - used, forcing)


def _split(sizes: Iterable[int], room: int) -> tuple[int, int]:
    """How many parts, and the units used in the last one. What takes two units is never torn over a boundary."""
    segments, used = 1, 0
    for size in sizes:
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments, used
