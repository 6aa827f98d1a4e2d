"""Who an unknown sender may be: reasons for and against, gathered and weighed. It never acts; identity.md: what looks alike proves nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base.db import Tx
from debts.names import find_by_name, words_of
from debts.people import index_national_id
from inbox.access import Reader
from inbox.matching import Found, found_people

# Reasons with their weight. Against stands what somebody said themselves: that this address is not the client's.
SAME_NUMBER, SAME_USER, NAMED_DEBT, NAMED_ID, LAST_DIGITS, SAME_NAME, WRONG_PARTY = (
    "same_number",
    "same_user",
    "named_debt",
    "named_id",
    "last_digits",
    "same_name",
    "wrong_party",
)
_WEIGHTS = {SAME_NUMBER: 60, SAME_USER: 30, NAMED_DEBT: 40, NAMED_ID: 40, LAST_DIGITS: 15, SAME_NAME: 10, WRONG_PARTY: -70}
_STRONG, _MEDIUM = 60, 30
MOST = 5
_FIRST_WORDS = 5
_MOST_TOKENS = 40
_FEWEST_NAME_WORDS = 2
_TOKEN = re.compile(r"[\w][\w./-]{2,39}")
_DIGITS = re.compile(r"\d[\d.\s-]{3,18}\d")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the sender. `strength` is strong, medium or weak; `against` that something speaks against it, whatever the strength."""

    person: Found
    reasons: tuple[str, ...]
    strength: str
    against: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sender's first messages hold that could name somebody: words, runs of digits, and the four last ones of an account."""

    tokens: tuple[str, ...]
    numbers: tuple[str, ...]
    lasts: frozenset[str]


async def suggestions(tx: Tx, reader: Reader, row: Any) -> list[Suggestion]:  # noqa: ANN401 - a row of access_conversation
    """Known clients whom the sender of a conversation may be, the likeliest first, with the reader's rights."""
    reasons: dict[UUID, set[str]] = defaultdict(set)
    await _by_address(tx, row, reasons)
    await _by_profile(tx, row, reasons)
    said = await _said(tx, row.id)
    await _by_words(tx, reader, said, reasons)
    people = await found_people(tx, reader, dict.fromkeys(reasons, "name"), known_only=True, limit=MOST * 4, but=row.debtor_id)
    kept = await _as_kept(tx, reasons)
    await _by_last_digits(tx, reader, said, [one.debtor_id for one in people], kept)
    weighed = [(sum(_WEIGHTS[reason] for reason in kept[one.debtor_id]), one) for one in people]
    ranked = sorted(weighed, key=lambda pair: -pair[0])[:MOST]
    return [_suggestion(one, kept[one.debtor_id]) for _, one in ranked]


def _suggestion(one: Found, reasons: set[str]) -> Suggestion:
    weight = sum(_WEIGHTS[reason] for reason in reasons if _WEIGHTS[reason] > 0)
    strength = "strong" if weight >= _STRONG else "medium" if weight >= _MEDIUM else "weak"
    return Suggestion(one, tuple(reason for reason in _WEIGHTS if reason in reasons), strength, WRONG_PARTY in reasons)


async def _by_address(tx: Tx, row: Any, reasons: dict[UUID, set[str]]) -> None:  # noqa: ANN401 - a row
    """The same number on any channel, and what a carrier named as the same user."""
    rows = await tx.rows(
        "with own as (select a.id, a.match_index from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id"
        " where l.org_id = :org and l.debtor_id = :debtor), near as (select b.id, true as same from own join address b on b.org_id = :org"
        " and b.match_index = own.match_index union all select k.kin_id, false from own join address_kin k on k.org_id = :org and k.address_id = own.id"
        " union all select k.address_id, false from own join address_kin k on k.org_id = :org and k.kin_id = own.id)"
        " select l.debtor_id, l.status, near.same from near join address_link l on l.org_id = :org and l.address_id = near.id"
        " where l.debtor_id <> :debtor",
        debtor=row.debtor_id,
    )
    for one in rows:
        reasons[one.debtor_id].add(WRONG_PARTY if one.status == "wrong_party" else SAME_NUMBER if one.same else SAME_USER)


async def _by_profile(tx: Tx, row: Any, reasons: dict[UUID, set[str]]) -> None:  # noqa: ANN401 - a row
    """A profile's name is what its owner chose to show: two words of it that are a client's name are a weak sign."""
    links = await tx.rows(
        "select id, profile_name_sealed from address_link where org_id = :org and debtor_id = :debtor and profile_name_sealed is not null",
        debtor=row.debtor_id,
    )
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    for link in links:
        words = words_of(person.open("address_link", link.id, "profile_name", bytes(link.profile_name_sealed)))
        if len(words) >= _FEWEST_NAME_WORDS:
            for debtor in await find_by_name(tx, words, MOST * 4):
                reasons[debtor].add(SAME_NAME)


async def _said(tx: Tx, conversation: UUID) -> _Said:
    rows = await tx.rows(
        "select text from entry where org_id = :org and conversation_id = :conversation and kind = 'message' and direction = 'in'"
        " order by position limit :limit",
        conversation=conversation,
        limit=_FIRST_WORDS,
    )
    text = "\n".join(row.text or "" for row in rows)
    tokens = tuple(dict.fromkeys(token.strip("./-") for token in _TOKEN.findall(text)))[:_MOST_TOKENS]
    numbers = tuple(dict.fromkeys(re.sub(r"\D", "", run) for line in text.splitlines() for run in _DIGITS.findall(line)))[:_MOST_TOKENS]
    return _Said(tokens, numbers, frozenset(token for token in tokens if re.fullmatch(r"\d{4}", token)))


async def _by_words(tx: Tx, reader: Reader, said: _Said, reasons: dict[UUID, set[str]]) -> None:
    """References and ids that were typed whole. Debts are looked for in the reader's portfolios only: a hint must not tell of another's."""
    if not said.tokens and not said.numbers:
        return
    rows = await tx.rows(
        "select id as debtor_id, 'named_debt' as reason from debtor where org_id = :org and ref = any(cast(:tokens as text[]))"
        " union all select id, 'named_id' from debtor where org_id = :org and national_id_index = any(cast(:ids as bytea[]))"
        " union all select b.debtor_id, 'named_debt' from creditor r join debt b on b.org_id = r.org_id and b.creditor_id = r.id"
        " and b.ref = any(cast(:tokens as text[])) where r.org_id = :org and (:sees_all or r.id = any(cast(:portfolios as uuid[]))) limit 100",
        tokens=[*said.tokens, *said.numbers],
        ids=[index_national_id(tx, one) for one in {*said.tokens, *said.numbers} if sum(char.isdigit() for char in one) >= 5],
        **reader.rights,
    )
    for one in rows:
        reasons[one.debtor_id].add(one.reason)


async def _as_kept(tx: Tx, reasons: dict[UUID, set[str]]) -> dict[UUID, set[str]]:
    """What speaks for somebody who was merged speaks for the one who is kept."""
    rows = await tx.rows(
        "select id, coalesce(merged_into, id) as kept from debtor where org_id = :org and id = any(cast(:ids as uuid[]))", ids=list(reasons)
    )
    kept: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        kept[row.kept] |= reasons[row.id]
    return kept


async def _by_last_digits(tx: Tx, reader: Reader, said: _Said, people: list[UUID], reasons: dict[UUID, set[str]]) -> None:
    """Four digits fit one client in ten thousand: they strengthen another reason and are none alone."""
    if not said.lasts or not people:
        return
    rows = await tx.rows(
        "select distinct debtor_id from debt where org_id = :org and debtor_id = any(cast(:people as uuid[])) and product_last4 = any(cast(:lasts as text[]))"
        " and (:sees_all or creditor_id = any(cast(:portfolios as uuid[])))",
        people=people,
        lasts=list(said.lasts),
        **reader.rights,
    )
    for row in rows:
        reasons[row.debtor_id].add(LAST_DIGITS)
