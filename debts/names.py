"""Names are sealed, so they are found through blind indexes: by whole words, and by the beginnings of words; without accents or case, in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from base.db import Tx

MOST_WORDS = 8
STARTS = range(3, 9)
_WORD = re.compile(r"[^\W_]+")
# Words between the names, which half of a portfolio shares and some write and some leave out.
_BETWEEN = frozenset("da das de del do dos e la las los y".split())


def words_of(name: str) -> tuple[str, ...]:
    """The words that a name is found by, folded: «José  de la Peña» gives jose and pena."""
    words = dict.fromkeys(all_words(name))
    return tuple(word for word in words if word not in _BETWEEN)[:MOST_WORDS] or tuple(words)[:MOST_WORDS]


def all_words(text: str) -> list[str]:
    """Every word of a text, folded, those between names as well."""
    return _WORD.findall("".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char)))


def index_name(tx: Tx, name: str) -> list[bytes]:
    """The blind indexes of a name's words."""
    return [tx.index("name", word) for word in words_of(name)]


def index_starts(tx: Tx, name: str) -> list[bytes]:
    """The blind indexes of the beginnings of a name's words, three to eight letters long; a shorter word has none."""
    starts = dict.fromkeys(word[:size] for word in words_of(name) for size in STARTS if size <= len(word))
    return [tx.index("name_start", start) for start in starts]


def wanted_starts(tx: Tx, text: str) -> list[bytes] | None:
    """What `debtor.name_starts` of everybody holds whose name has words that begin like those of a text, as far as beginnings are kept.

    Shorter words and what comes after the eighth letter are left to `begins`. None, which nothing holds, for a text of short words only.
    """
    starts = dict.fromkeys(word[: STARTS[-1]] for word in words_of(text) if len(word) >= STARTS[0])
    return [tx.index("name_start", start) for start in starts] or None


def begins(name: str, text: str) -> bool:
    """Whether every word of a text begins a word of a name."""
    words = all_words(name)
    return all(any(word.startswith(start) for word in words) for start in all_words(text))


async def record_name_words(tx: Tx, debtor: UUID, name: str | None) -> None:
    """Make a person findable by exactly this name; None makes them not findable by name any more, as erasure asks."""
    words = [] if name is None else index_name(tx, name)
    await tx.run(
        "with starts as (update debtor set name_starts = cast(:starts as bytea[]) where org_id = :org and id = :debtor),"
        " gone as (delete from name_word where org_id = :org and debtor_id = :debtor and not word = any(cast(:words as bytea[])))"
        " insert into name_word (org_id, word, debtor_id) select :org, word, :debtor from unnest(cast(:words as bytea[])) word"
        " on conflict do nothing",
        debtor=debtor,
        words=words,
        starts=None if name is None else index_starts(tx, name),
    )


async def find_by_name(tx: Tx, words: Sequence[str], limit: int) -> list[UUID]:
    """People whose names hold all of these words (of `words_of`): of whole words, because who is only suggested must not be anybody who begins alike.

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
