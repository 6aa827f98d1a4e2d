"""Guards how translations are written: one manner for every error of a field, the quotation marks of each language, plurals by their rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from console.setup import client_columns, rosters
from console.setup.tables import plain
from console.words import ROLES
from tests.test_house_rules import PROGRAMS, modules
from tools.catalogues import catalogues, extracted, read

# Places that hold a count: a sentence with one is said in two forms. Those in braces are filled in by scripts, which have both.
COUNTS = re.compile(r"%\((num|n|count|total|new|known|wrong)\)s")
FILLED = re.compile(r"\{n\} (?!of )")
FRACTION = "%(done)s of %(total)s"


@pytest.fixture(scope="module", params=catalogues(), ids=lambda path: path.parent.parent.name)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read(request.param)


def test_errors_of_fields_are_sentences(catalogue: Catalog) -> None:
    errors = {text for _, tree, _ in modules(*PROGRAMS) for text in field_errors(tree)}
    assert len(errors) > 30
    assert [text for id_, text in texts(catalogue) if id_ in errors and not re.fullmatch(r"(?s)[A-ZÀ-Ú“«%].*[.?!]", text)] == []


def test_quotation_marks_are_those_of_the_language(catalogue: Catalog) -> None:
    foreign = "[“”]" if str(catalogue.locale) == "es" else "[«»]"
    assert [text for _, text in texts(catalogue) if re.search(foreign, text)] == []


def test_what_counts_is_said_by_the_rule_of_plurals() -> None:
    msgids = {msgid for _, msgid, _ in extracted()}
    single = {msgid for msgid in msgids if isinstance(msgid, str)}
    assert [msgid for msgid in single - {FRACTION} if COUNTS.search(msgid)] == []
    assert [msgid for msgid in single if FILLED.search(msgid) and not any(one in single for one in singular(msgid))] == []


def singular(msgid: str) -> tuple[str, ...]:
    """How a sentence that a script fills in reads for one thing."""
    one = msgid.replace("{n}", "1")
    return one, re.sub(r"s\b", "", one, count=1)


def test_numbers_in_sentences_are_written_when_they_are_read(catalogue: Catalog) -> None:
    grouped = re.compile(r"\b\d{1,3}[.,]\d{3}\b")
    assert [text for id_, text in texts(catalogue) if grouped.search(text) or grouped.search(str(id_))] == []


def test_a_file_may_be_headed_and_filled_with_the_words_that_screens_show(catalogue: Catalog) -> None:
    def shown(msgid: str) -> set[str]:
        return {plain(msgid), plain(str(catalogue[msgid].string))}

    for labels, headings in ((client_columns.LABELS, client_columns.HEADINGS), (rosters.LABELS, rosters.HEADINGS)):
        for column, label in labels.items():
            read_as = {headings.get(word) for word in shown(label)}
            assert read_as == {"tel1" if column.startswith("tel") else column}, (label, read_as)
    for role, word in ROLES.items():
        assert {rosters.ROLES.get(one) for one in shown(word.label)} == {role}, word.label


def field_errors(tree: ast.Module) -> Iterator[str]:
    """What `InvalidField` is raised with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InvalidField":
            for said in ast.walk(node):
                if isinstance(said, ast.Call) and isinstance(said.func, ast.Name) and said.func.id == "N_":
                    yield str(ast.literal_eval(said.args[0]))


def texts(catalogue: Catalog) -> Iterator[tuple[object, str]]:
    """Every translation with its msgid; each form of a plural by itself."""
    for message in catalogue:
        for text in message.string if isinstance(message.string, tuple | list) else (message.string,):
            yield message.id, text
