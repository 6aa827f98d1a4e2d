"""Names are found by their words and stay sealed: what is folded, what is not found, and what an erased name leaves behind."""

from __future__ import annotations

from uuid import UUID

import pytest

from debts.names import begins, find_by_name, index_starts, record_name_words, wanted_starts, words_of
from tests.running import Running


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("José  de la Peña", ("jose", "pena")),
        ("MARÍA-JOSÉ d'Ávila", ("maria", "jose", "d", "avila")),
        ("João dos Santos e Silva", ("joao", "santos", "silva")),
        ("de la", ("de", "la")),
        ("", ()),
        ("  🙂 ", ()),
        ("Ana Ana", ("ana",)),
    ],
)
def test_words_of_names(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


async def test_a_name_is_found_by_all_of_its_words_until_it_changes_or_goes(running: Running) -> None:
    client = await running.new_client(name="Rosa Márquez Gil")
    debtor = UUID(client["id"])
    async with running.product.work() as tx:
        assert await find_by_name(tx, words_of("GIL rosa"), 10) == [debtor]
        assert await find_by_name(tx, words_of("rosa lópez"), 10) == []
        assert await find_by_name(tx, words_of("ros"), 10) == []
        assert await find_by_name(tx, (), 10) == []
    await running.new_client(name="Rosa López", ref=client["ref"])
    async with running.product.work() as tx:
        assert await find_by_name(tx, words_of("marquez"), 10) == []
        assert await find_by_name(tx, words_of("lopez"), 10) == [debtor]
        await record_name_words(tx, debtor, None)
        assert await find_by_name(tx, words_of("lopez"), 10) == []
    rows = await running.rows("select word from name_word where org_id = :org")
    assert rows == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Guad", True),
        ("guadalupe her", True),
        ("ñez guadalupe", False),
        ("NÚÑ hernández", True),
        ("guadalupez", False),
        ("guadalupe n", True),
        ("guadalupe x", False),
        ("guadalupe de la n", True),
        ("de", True),
    ],
)
def test_what_begins_a_name(text: str, found: bool) -> None:
    assert begins("Guadalupe Hernández de la Núñez", text) is found


async def test_beginnings_are_kept_from_three_letters_to_eight_and_go_with_the_name(running: Running) -> None:
    client = await running.new_client(name="Guadalupe Gil")
    starts = "select name_starts from debtor where org_id = :org"
    async with running.product.work() as tx:
        kept = {tx.index("name_start", start) for start in ("gua", "guad", "guada", "guadal", "guadalu", "guadalup", "gil")}
        assert set(index_starts(tx, "Guadalupe Gil")) == kept
        assert set(await tx.value(starts)) == kept
        assert wanted_starts(tx, "Guadalupe gi") == [tx.index("name_start", "guadalup")]
        assert wanted_starts(tx, "gu gi") is None
        await record_name_words(tx, UUID(client["id"]), None)
        assert await tx.value(starts) is None


async def test_the_table_tells_no_name(running: Running) -> None:
    await running.new_client(name="Rosa Márquez")
    rows = await running.rows("select word from name_word where org_id = :org")
    assert len(rows) == 2
    assert all(len(bytes(row.word)) == 16 and b"rosa" not in bytes(row.word) for row in rows)
