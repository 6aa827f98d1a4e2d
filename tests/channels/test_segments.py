"""Segments: what an SMS costs, counted two ways."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.segments import BASIC, EXTENSION, count

GSM, UCS = "GSM-7", "UCS-2"
SMILE = "😀"
# text, encoding, units, segments, room per segment, room left, (character, position) that forced Unicode
CASES = [
    ("", GSM, 0, 0, 160, 160, None),
    ("a", GSM, 1, 1, 160, 159, None),
    ("Hola", GSM, 4, 1, 160, 156, None),
    ("\n\r", GSM, 2, 1, 160, 158, None),
    ("@", GSM, 1, 1, 160, 159, None),
    ("ñÑ", GSM, 2, 1, 160, 158, None),
    ("¿¡", GSM, 2, 1, 160, 158, None),
    ("éèùìòà", GSM, 6, 1, 160, 154, None),
    ("üÜ", GSM, 2, 1, 160, 158, None),
    ("Ç", GSM, 1, 1, 160, 159, None),
    ("ç", UCS, 1, 1, 70, 69, ("ç", 0)),
    ("á", UCS, 1, 1, 70, 69, ("á", 0)),
    ("í", UCS, 1, 1, 70, 69, ("í", 0)),
    ("ó", UCS, 1, 1, 70, 69, ("ó", 0)),
    ("ú", UCS, 1, 1, 70, 69, ("ú", 0)),
    ("ã", UCS, 1, 1, 70, 69, ("ã", 0)),
    ("õ", UCS, 1, 1, 70, 69, ("õ", 0)),
    ("ê", UCS, 1, 1, 70, 69, ("ê", 0)),
    ("ô", UCS, 1, 1, 70, 69, ("ô", 0)),
    ("Á", UCS, 1, 1, 70, 69, ("Á", 0)),
    ("É", GSM, 1, 1, 160, 159, None),
    ("`", UCS, 1, 1, 70, 69, ("`", 0)),
    ("\t", UCS, 1, 1, 70, 69, ("\t", 0)),
    ("\0", UCS, 1, 1, 70, 69, ("\0", 0)),
    ("\x1b", UCS, 1, 1, 70, 69, ("\x1b", 0)),
    ("“", UCS, 1, 1, 70, 69, ("“", 0)),
    ("…", UCS, 1, 1, 70, 69, ("…", 0)),
    ("Δ_ΦΓΛΩΠΨΣΘΞ", GSM, 11, 1, 160, 149, None),
    ("α", UCS, 1, 1, 70, 69, ("α", 0)),
    ("Así", UCS, 3, 1, 70, 67, ("í", 2)),
    ("€", GSM, 2, 1, 160, 158, None),
    ("[]{}\\~^|", GSM, 16, 1, 160, 144, None),
    ("\f", GSM, 2, 1, 160, 158, None),
    ("a" * 160, GSM, 160, 1, 160, 0, None),
    ("a" * 161, GSM, 161, 2, 153, 145, None),
    ("a" * 306, GSM, 306, 2, 153, 0, None),
    ("a" * 307, GSM, 307, 3, 153, 152, None),
    ("a" * 459, GSM, 459, 3, 153, 0, None),
    ("a" * 460, GSM, 460, 4, 153, 152, None),
    ("€" * 80, GSM, 160, 1, 160, 0, None),
    ("€" * 81, GSM, 162, 2, 153, 143, None),  # 76 + 5: the 77th would be torn
    ("a" * 158 + "€", GSM, 160, 1, 160, 0, None),
    ("a" * 152 + "€" + "a" * 7, GSM, 161, 2, 153, 144, None),  # the euro moves whole into the second part
    ("a" * 151 + "€" + "a" * 8, GSM, 161, 2, 153, 145, None),
    ("a" * 152 + "€" + "a" * 152, GSM, 306, 3, 153, 152, None),  # one unit is wasted, so that 306 take three
    ("á" * 70, UCS, 70, 1, 70, 0, ("á", 0)),
    ("á" * 71, UCS, 71, 2, 67, 63, ("á", 0)),
    ("á" * 134, UCS, 134, 2, 67, 0, ("á", 0)),
    ("á" * 135, UCS, 135, 3, 67, 66, ("á", 0)),
    ("a" * 69 + "á", UCS, 70, 1, 70, 0, ("á", 69)),
    ("a" * 70 + "á", UCS, 71, 2, 67, 63, ("á", 70)),
    ("€" * 69 + "á", UCS, 70, 1, 70, 0, ("á", 69)),
    (SMILE, UCS, 2, 1, 70, 68, (SMILE, 0)),
    ("Hola " + SMILE, UCS, 7, 1, 70, 63, (SMILE, 5)),
    (SMILE * 35, UCS, 70, 1, 70, 0, (SMILE, 0)),
    (SMILE * 36, UCS, 72, 2, 67, 61, (SMILE, 0)),  # 33 + 3
    ("a" * 66 + SMILE + "a" * 3, UCS, 71, 2, 67, 62, (SMILE, 66)),
    ("a" * 65 + SMILE + "a" * 4, UCS, 71, 2, 67, 63, (SMILE, 65)),
    (SMILE + "á", UCS, 3, 1, 70, 67, (SMILE, 0)),
    ("👨\u200d👩\u200d👧", UCS, 8, 1, 70, 62, ("👨", 0)),
    ("e\u0301", UCS, 2, 1, 70, 68, ("\u0301", 1)),
    ("\ud800", UCS, 1, 1, 70, 69, ("\ud800", 0)),
]


@pytest.mark.parametrize(("text", "encoding", "units", "segments", "per_segment", "remaining", "forcing"), CASES)
def test_count(
    text: str, encoding: str, units: int, segments: int, per_segment: int, remaining: int, forcing: tuple[str, int] | None
) -> None:
    counted = count(text)
    assert (counted.encoding, counted.units, counted.segments) == (encoding, units, segments)
    assert (counted.per_segment, counted.remaining) == (per_segment, remaining)
    assert (counted.forcing and (counted.forcing.character, counted.forcing.position)) == forcing


def test_the_alphabet_has_its_full_size() -> None:
    assert len(BASIC) == 127  # 128 septets less the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def naive(text: str) -> tuple[str, int, int]:
    """The same by hand: write what an operator would write, then cut it, stepping back from a torn character."""
    written: list[str] = []
    for char in text:
        if char != "\x1b" and char in TABLE:
            written.append(chr(TABLE.index(char)))
        elif char in "\f^{}\\[~]|€":
            written.append("\x1b?")
        else:
            break
    else:
        return GSM, *cut("".join(written), 160, 153, "\x1b")
    pairs = text.encode("utf-16-be", "surrogatepass")
    units = "".join(chr(int.from_bytes(pairs[at : at + 2], "big")) for at in range(0, len(pairs), 2))
    return UCS, *cut(units, 70, 67, "".join(map(chr, range(0xD800, 0xDC00))))


def cut(data: str, alone: int, part: int, openers: str) -> tuple[int, int]:
    """Units and parts; no part ends with a unit that opens a pair."""
    if len(data) <= alone:
        return len(data), min(len(data), 1)
    at, parts = 0, 0
    while at < len(data):
        end = at + part
        if end < len(data) and data[end - 1] in openers:
            end -= 1
        at, parts = end, parts + 1
    return len(data), parts


ALPHABETS = st.sampled_from(["a€", "aá€", "a😀", "€", "😀", "aá😀€ñç", "\n\r\f|"])


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(st.characters(codec="utf-8"), max_size=400), ALPHABETS.flatmap(lambda a: st.text(a, max_size=700))))
def test_agrees_with_a_second_way_of_counting(text: str) -> None:
    counted = count(text)
    assert (counted.encoding, counted.units, counted.segments) == naive(text)
    assert 0 <= counted.remaining <= counted.per_segment
