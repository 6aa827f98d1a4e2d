"""Draws small pictures point by point and writes them as PNG, with letters of its own, so that nothing need be installed for it."""

from __future__ import annotations

import struct
import zlib

Colour = tuple[int, int, int]
# Each letter is seven rows of five points, a row as a number from 0 to 31 written in base 32 (0-9, a-v), top first.
LETTERS = {
    "A": "4ahhvhh", "B": "uhhuhhu", "C": "ehggghe", "D": "uhhhhhu", "E": "vgguggv", "F": "vgguggg", "G": "ehgnhhf", "H": "hhhvhhh",
    "I": "e44444e", "J": "72222ic", "K": "hikokih", "L": "ggggggv", "M": "hrllhhh", "N": "hpplljh", "O": "ehhhhhe", "P": "uhhuggg",
    "Q": "ehhhlid", "R": "uhhukih", "S": "fgge11u", "T": "v444444", "U": "hhhhhhe", "V": "hhhhha4", "W": "hhhllla", "X": "hha4ahh",
    "Y": "hha4444", "Z": "v1248gv", "0": "ehjlphe", "1": "4c4444e", "2": "eh1248v", "3": "v2421he", "4": "26aiv22", "5": "vgu11he",
    "6": "68guhhe", "7": "v124888", "8": "ehhehhe", "9": "ehhf12c", ".": "00000cc", ",": "0000c48", ":": "0cc0cc0", "/": "001248g",
    "$": "4fke5u4", "-": "000v000", " ": "0000000",
}  # fmt: skip
WIDE, HIGH = 6, 9


class Canvas:
    """A picture in memory, three bytes a point."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width, self.height = width, height
        self.points = bytearray(bytes(ground) * (width * height))

    def fill(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        """A rectangle, cut at the edges."""
        x, right = max(x, 0), min(x + width, self.width)
        row = bytes(colour) * max(right - x, 0)
        for line in range(max(y, 0), min(y + height, self.height)):
            start = (line * self.width + x) * 3
            self.points[start : start + len(row)] = row

    def write(self, x: int, y: int, text: str, colour: Colour, size: int) -> None:
        """A line of capitals; `size` points make one point of a letter."""
        for at, letter in enumerate(text):
            for row, code in enumerate(LETTERS.get(letter, LETTERS[" "])):
                bits = int(code, 32)
                for column in range(5):
                    if bits >> (4 - column) & 1:
                        self.fill(x + (at * WIDE + column) * size, y + row * size, size, size, colour)

    def at(self, x: int, y: int) -> bytes | None:
        """The colour of a point; None beside the picture."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        start = (y * self.width + x) * 3
        return bytes(self.points[start : start + 3])

    def to_png(self) -> bytes:
        """The picture as a PNG file."""
        step = self.width * 3
        rows = b"".join(b"\0" + self.points[start : start + step] for start in range(0, len(self.points), step))
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def photograph(lines: tuple[str, ...], *, paper: Colour, ink: Colour, table: Colour, lean: float) -> bytes:
    """A sheet with these lines as if photographed on a table, a little aslant, with its shadow and the light of a lamp."""
    sheet = Canvas(300, 40 + len(lines) * HIGH * 2 + 40, paper)
    for number, line in enumerate(lines):
        sheet.write(22, 36 + number * HIGH * 2, line, ink, 2)
    photo = Canvas(380, sheet.height + 70, table)
    middle_x, middle_y = photo.width / 2, photo.height / 2
    for y in range(photo.height):
        for x in range(photo.width):
            over, down = x - middle_x, y - middle_y
            sheet_x, sheet_y = int(over + lean * down + sheet.width / 2), int(down - lean * over + sheet.height / 2)
            colour = sheet.at(sheet_x, sheet_y)
            if colour is None:
                colour = bytes(part // 2 for part in table) if sheet.at(sheet_x - 7, sheet_y - 9) else bytes(table)
            light = 1.04 - 0.3 * ((over / photo.width) ** 2 + (down / photo.height) ** 2) - 0.08 * (x / photo.width)
            start = (y * photo.width + x) * 3
            photo.points[start : start + 3] = bytes(min(255, int(part * light)) for part in colour)
    return photo.to_png()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
