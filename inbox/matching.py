"""Finding people: by what somebody typed, and who an unknown sender may be. It only suggests, with reasons; a person decides.

Names are found by the beginnings of their words, numbers by how they end, everything else as it is written (docs/decisions/0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import InvalidField
from channels.phones import parse_phone
from debts.addresses import wanted_end
from debts.names import BY_NAME, begins, by_name, wanted_starts, words_of
from debts.people import index_national_id, open_name
from identity.masking import mask_address
from inbox.access import MAY_SEE, Reader

# Why somebody is found, the surest first.
WHYS = ("ref", "national_id", "phone", "email", "debt_ref", "payment_ref", "number_end", "name", "name_start")
# Found by what others may share: of these whoever is nearest to the reader comes first, then whoever is meant more exactly.
_SHARED = WHYS[WHYS.index("number_end") :]
# The reader's own clients, then those who wait, then the others.
_NEAR = "case when c.assigned_agent_id = :agent then 0 when c.waiting_since is not null then 1 else 2 end"
# Countries whose numbers people type as they dial them at home.
HOMES = (None, "CO", "MX", "CL", "PE", "BR", "AR")
MOST = 20
# As many as a screen could show after those whom the reader does not see; who has a common name is found by something else.
_MOST_LOOKED_AT = 500
_MOST_OPENED = 100
_ID_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom the reader may see, with no more than is needed to tell them from another: no balances. `name` is None for unknown senders."""

    debtor_id: UUID
    conversation_id: UUID
    name: str | None
    ref: str | None
    address: str | None
    portfolios: tuple[str, ...]
    why: str
    provisional: bool = False
    near: int = 2


async def search_clients(tx: Tx, reader: Reader, text: str, limit: int = MOST, *, known_only: bool = False) -> list[Found]:
    """Clients by name (the beginnings of its words, in any order), reference of theirs, of a debt or of its payments, phone in any writing or its
    last digits, email or national id, with the reader's rights: the surest first, of equally sure ones the reader's own, then those who wait.

    A person who was merged is found as the one who is kept. Which clients somebody was shown stands in the ledger.
    """
    text = text.strip()[:200]
    if not text:
        return []
    whys = await _whys(tx, reader, text)
    seen = await found_people(tx, reader, whys, known_only=known_only, limit=max(limit, _MOST_OPENED), near_first=True)
    found = sorted((one for one in seen if whys.get(one.debtor_id) != "name_start" or begins(one.name or "", text)), key=_rank)[:limit]
    if found:
        await audit.record(tx, f"agent:{reader.agent_id}", "clients.searched", found=[str(one.debtor_id) for one in found])
    return found


def _rank(found: Found) -> tuple[int, int, int]:
    why = WHYS.index(found.why)
    return (WHYS.index(_SHARED[0]), found.near, why) if found.why in _SHARED else (why, found.near, why)


async def _whys(tx: Tx, reader: Reader, text: str) -> dict[UUID, str]:
    """Everybody whom a text may mean and why, whether the reader sees them or not: `found_people` asks that."""
    rows = await tx.rows(
        "select id as debtor_id, 'ref' as why from debtor where org_id = :org and ref is not null and ref = any(cast(:refs as text[]))"
        " union all select id, 'national_id' from debtor where org_id = :org and national_id_index = cast(:national_id as bytea)"
        " union all select l.debtor_id, case a.channel when 'email' then 'email' else 'phone' end from address a join address_link l"
        " on l.org_id = a.org_id and l.address_id = a.id and l.status <> 'wrong_party'"
        " where a.org_id = :org and a.match_index = any(cast(:addresses as bytea[]))"
        " union all select b.debtor_id, 'debt_ref' from creditor r join debt b on b.org_id = r.org_id and b.creditor_id = r.id"
        " and b.ref = any(cast(:refs as text[])) where r.org_id = :org and (:sees_all or r.id = any(cast(:portfolios as uuid[])))"
        " union all select b.debtor_id, 'payment_ref' from debt b where b.org_id = :org and b.payment_reference = any(cast(:refs as text[]))"
        " and (:sees_all or b.creditor_id = any(cast(:portfolios as uuid[])))"
        + _nearest(
            "number_end",
            "address_link l join debtor p on p.org_id = l.org_id and p.id = l.debtor_id",
            "l.number_ends @> cast(:number_end as bytea[]) and l.status <> 'wrong_party'",
        )
        + _nearest("name", f"({BY_NAME}) n join debtor p on p.org_id = :org and p.id = n.debtor_id", "true")
        + _nearest("name_start", "debtor p", "p.name_starts @> cast(:name_starts as bytea[])"),
        refs=list(dict.fromkeys((text, text.upper()))),
        national_id=_national_id(tx, text),
        addresses=[tx.index("phone", key) for key in phone_keys(text)] + ([tx.index("email", text.casefold())] if "@" in text else []),
        number_end=wanted_end(tx, text),
        name_starts=None if "@" in text else wanted_starts(tx, text),
        agent=reader.agent_id,
        **by_name(tx, () if "@" in text else words_of(text)),
        **reader.rights,
    )
    whys: dict[UUID, str] = {}
    for row in sorted(rows, key=lambda row: WHYS.index(row.why)):
        whys.setdefault(row.debtor_id, row.why)
    return whys


def _nearest(why: str, people: str, condition: str) -> str:
    """One more part of `_whys`: of many people `p` who share something, those whom the reader most likely means."""
    return (
        f" union all (select p.id, '{why}' from {people} join conversation c on c.org_id = :org and c.debtor_id = coalesce(p.merged_into, p.id)"
        f" where p.org_id = :org and {condition} and {MAY_SEE} order by {_NEAR}, c.last_at desc limit {_MOST_LOOKED_AT})"
    )


def _national_id(tx: Tx, text: str) -> bytes | None:
    return index_national_id(tx, text) if sum(char.isdigit() for char in text) >= _ID_DIGITS else None


def phone_keys(text: str) -> list[str]:
    """What a number may be compared by, as it is and as it is dialled at home in our countries. Nothing for what is no number."""
    keys = []
    for country in HOMES:
        try:
            keys.append(parse_phone(text, country).match_key)
        except InvalidField:
            continue
    return list(dict.fromkeys(keys))


async def found_people(
    tx: Tx,
    reader: Reader,
    whys: dict[UUID, str],
    *,
    known_only: bool = False,
    limit: int = MOST,
    but: UUID | None = None,
    near_first: bool = False,
) -> list[Found]:
    """These people as the reader may see them; strangers to the reader are left out, and nobody comes twice."""
    order = f"{_NEAR}, c.last_at desc" if near_first else "c.last_at desc"
    rows = await tx.rows(
        "select c.id, c.debtor_id, d.kind, d.ref, d.name_sealed, k.key_name, k.wrapped, way.link_id, way.dialable_sealed, way.channel,"
        f" {_NEAR} as near,"
        " array(select w.id from debtor w where w.org_id = :org and (w.id = d.id or w.merged_into = d.id) and w.id = any(cast(:ids as uuid[]))) as asked,"
        " array(select r.name from creditor r where r.org_id = c.org_id and r.id = any(c.portfolios)"
        " and (:sees_all or r.id = any(cast(:portfolios as uuid[]))) order by r.name) as names"
        " from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id left join lateral (select l.id as link_id, l.dialable_sealed, a.channel"
        " from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id where l.org_id = c.org_id and l.debtor_id = c.debtor_id"
        " and l.status <> 'wrong_party' order by l.created_at, l.id limit 1) way on true"
        " where c.org_id = :org and c.debtor_id in (select coalesce(w.merged_into, w.id) from debtor w where w.org_id = :org"
        " and w.id = any(cast(:ids as uuid[]))) and c.state not in ('merged', 'own') and (d.kind = 'known' or not :known_only)"
        f" and (cast(:but as uuid) is null or c.debtor_id <> :but) and {MAY_SEE} order by {order}, c.id limit :limit",
        agent=reader.agent_id,
        ids=list(whys),
        known_only=known_only,
        but=but,
        limit=limit,
        **reader.rights,
    )
    return [_found(tx, row, min((whys[one] for one in row.asked), key=WHYS.index)) for row in rows]


def _found(tx: Tx, row: Any, why: str) -> Found:  # noqa: ANN401 - a row
    address = None
    if row.link_id is not None:
        dialable = tx.person(row.debtor_id, row.key_name, row.wrapped).open(
            "address_link", row.link_id, "dialable", bytes(row.dialable_sealed)
        )
        address = mask_address(row.channel, dialable)
    return Found(row.debtor_id, row.id, open_name(tx, row), row.ref, address, tuple(row.names), why, row.kind == "provisional", row.near)
