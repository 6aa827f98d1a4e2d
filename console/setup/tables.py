"""Files of rows as offices have them: UTF-8 or Latin-1, commas or semicolons, headings in three languages. Nothing here changes anything."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar.datastructures import FormMultiDict, UploadFile

from base.errors import InvalidField
from base.signs import is_kept, unhidden
from base.words import N_

MOST_ROWS: Final = 2000
MOST_BYTES: Final = 900_000
_MOST_CELL: Final = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number (the heading is 1) and its cells by our own names of the columns; an `overlong` one has more of them."""

    number: int
    cells: Mapping[str, str]
    overlong: bool = False

    def cell(self, column: str) -> str:
        """The text of a column, or nothing."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and the headings of the columns that nobody reads, as they are written."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell: a msgid with its values."""

    column: str
    sentence: str
    values: Mapping[str, object]


async def text_of_file(form: FormMultiDict) -> str:
    """What was uploaded, or pasted. Raises `InvalidField` for nothing, and for what is too large or no text."""
    uploaded = form.get("file")
    if isinstance(uploaded, UploadFile) and uploaded.filename:
        content = await uploaded.read()
        if len(content) > MOST_BYTES:
            raise InvalidField("file", N_("This file is too large. Split it: at most %(most)s rows at a time."), most=MOST_ROWS)
        return _decoded(content)
    pasted = str(form.get("text", ""))
    if not pasted.strip():
        raise InvalidField("file", N_("Choose a file, or paste its rows."))
    return pasted


def _decoded(content: bytes) -> str:
    if content.startswith((b"PK", b"\xd0\xcf")):
        raise InvalidField("file", N_("This is a spreadsheet. Save it as CSV and choose that file."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_rows(text: str, names: Mapping[str, str], needed: Mapping[str, str]) -> Table:
    """The rows of a file; `names` maps plain headings to our columns, `needed` are columns with their names for the reader.

    Raises `InvalidField` for a file that cannot be read at all.
    """
    clean = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if "\x00" in clean:
        raise InvalidField("file", N_("This is no text. Save the file as CSV and choose it again."))
    heading = clean.partition("\n")[0]
    separator = max(";,\t", key=heading.count)
    try:
        lines = list(csv.reader(io.StringIO(clean), delimiter=separator))
    except csv.Error as error:
        raise InvalidField("file", N_("The rows cannot be told apart: look for a quotation mark that is not closed.")) from error
    columns = [names.get(plain(cell), "") for cell in lines[0]] if lines else []
    missing = [name for column, name in needed.items() if column not in columns]
    if missing:
        raise InvalidField("file", N_("The first row must name the columns. Missing: %(columns)s."), columns=", ".join(missing))
    known = [column for column in columns if column]
    if len(known) != len(set(known)):
        raise InvalidField("file", N_("Two columns have the same name."))
    rows = [_row(number, columns, cells) for number, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells)]
    if not rows:
        raise InvalidField("file", N_("There is no row below the heading."))
    if len(rows) > MOST_ROWS:
        raise InvalidField("file", N_("These are more than %(most)s rows. Split the file."), most=MOST_ROWS)
    unread = [_cell(cell) for cell, column in zip(lines[0], columns, strict=True) if not column]
    return Table(tuple(rows), tuple(heading for heading in unread if heading))


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    pairs = zip(columns, cells, strict=False)
    overlong = any(cell.strip() for cell in cells[len(columns) :])
    return Row(number, {column: _cell(text) for column, text in pairs if column}, overlong)


def _cell(text: str) -> str:
    """One line of what can be printed; spreadsheets leave non-breaking spaces and marks. What turns the order of reading stays, to be refused."""
    normal = unhidden(unicodedata.normalize("NFC", text)).replace("\xa0", " ")
    return " ".join("".join(character if is_kept(character) else " " for character in normal).split())[:_MOST_CELL]


def plain(text: str) -> str:
    """A heading or a word as it is compared: lower case, without accents, spaces and signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in letters if character.isalnum())
