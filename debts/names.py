"""Names are sealed, so they are found word by word through a blind index: whole words only, without accents or case, in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from base.db import Tx

MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
# Words between the names, which half of a portfolio shares and some write and some leave out.
_BETWEEN = frozenset("da das de del do dos e la las los y".split())


def words_of(name: str) -> tuple[str, ...]:
    """The words that a name is found by, folded: «José  de la Peña» gives jose and pena."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    words = dict.fromkeys(_WORD.findall(plain))
    return tuple(word for word in words if word not in _BETWEEN)[:MOST_WORDS] or tuple(words)[:MOST_WORDS]


def index_name(tx: Tx, name: str) -> list[bytes]:
    """The blind indexes of a name's words."""
    return [tx.index("name", word) for word in words_of(name)]


async def record_name_words(tx: Tx, debtor: UUID, name: str | None) -> None:
    """Make a person findable by exactly this name; None makes them not findable by name any more, as erasure asks."""
    words = [] if name is None else index_name(tx, name)
    await tx.run(
        "with gone as (delete from name_word where org_id = :org and debtor_id = :debtor and not word = any(cast(:words as bytea[])))"
        " insert into name_word (org_id, word, debtor_id) select :org, word, :debtor from unnest(cast(:words as bytea[])) word"
        " on conflict do nothing",
        debtor=debtor,
        words=words,
    )


async def find_by_name(tx: Tx, words: Sequence[str], limit: int) -> list[UUID]:
    """People whose names hold all of these words (of `words_of`). Beginnings of words cannot be found: an index of them would tell the names.

    It knows nothing of rights: `inbox.matching` asks with those of a reader.
    """
    rows = await tx.rows(
        f"select debtor_id from ({BY_NAME}) found order by debtor_id limit :limit",
        **by_name(tx, words),
        limit=limit,
    )
    return [row.debtor_id for row in rows]


# Everybody whose name holds all words: a subselect with the values of `by_name`. Nobody is found by no words.
BY_NAME = (
    "select debtor_id from name_word where org_id = :org and word = any(cast(:name_words as bytea[]))"
    " group by debtor_id having count(*) = :name_count"
)


def by_name(tx: Tx, words: Sequence[str]) -> dict[str, object]:
    """The values of `BY_NAME`."""
    indexes = sorted({tx.index("name", word) for word in words})
    return {"name_words": indexes, "name_count": len(indexes)}
