"""How many parts a text takes on the air: GSM 03.38 septets or UCS-2 units."""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
# What SmartEncoded replaces: typographic characters whose plain twin is in GSM-7.
SMART = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Parts:
    """Number of segments, and the encoding that the text forces."""

    count: int
    encoding: str


def count_parts(text: str, *, smart: bool = False) -> Parts:
    """Segments of one SMS: 160 or 153 septets each in GSM-7 (extended characters take two), else 70 or 67 UTF-16 units.

    A two-unit character never straddles a boundary: it moves whole into the next segment. An empty text still takes one.
    """
    if smart:
        text = text.translate(SMART)
    if all(char in BASIC or char in EXTENDED for char in text):
        return Parts(_split([2 if char in EXTENDED else 1 for char in text], 160, 153), "GSM-7")
    return Parts(_split([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67), "UCS-2")


def _split(units: list[int], alone: int, chained: int) -> int:
    if sum(units) <= alone:
        return 1
    count, used = 1, 0
    for unit in units:
        if used + unit > chained:
            count, used = count + 1, 0
        used += unit
    return count
