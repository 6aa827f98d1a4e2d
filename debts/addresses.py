"""Addresses: one row per place on a channel, linked to the people it belongs to.

Deliverability, consent and ownership are three facts kept apart; `WORST_FIRST` says which one is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.crypto import PersonCipher
from base.db import Tx
from base.ids import new_id
from debts.cards import OWN_NUMBER, AddressCard

ENDS = range(4, 11)
_BETWEEN_DIGITS = re.compile(r"[\s().\-]")
WORST_FIRST = ("opted_out", "wrong_party", "invalid", "hard_bounce", "soft_bounce", "unproven", "good")


def number_ends(tx: Tx, channel: str, dialable: str) -> list[bytes]:
    """The blind indexes of how a number ends, four to ten digits long, so that people find it by what they see of it. Emails have none."""
    digits = "" if channel == "email" else "".join(char for char in dialable if char in "0123456789")
    return [tx.index("number_end", digits[-size:]) for size in ENDS if size <= len(digits)]


def wanted_end(tx: Tx, text: str) -> list[bytes] | None:
    """What `address_link.number_ends` of a number holds that ends like a text; None, which nothing holds, for what is no end of a number."""
    digits = _BETWEEN_DIGITS.sub("", text)
    is_end = digits.isascii() and digits.isdigit() and len(digits) in ENDS
    return [tx.index("number_end", digits)] if is_end else None


async def link_address(tx: Tx, debtor: UUID, person: PersonCipher, card: AddressCard) -> UUID:
    """Make sure the address exists and belongs to this person; returns the address's id. The newest dialable form is kept."""
    address, created = await record_address(tx, card.channel, tx.index(card.field, card.match))
    if created and not card.valid:
        await record_deliverability(tx, address, "invalid")
    link = await tx.row(
        "select id from address_link where org_id = :org and address_id = :address and debtor_id = :debtor", address=address, debtor=debtor
    )
    link_id = link.id if link else new_id()
    await tx.run(
        "insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, number_ends, status, since, consent, created_at)"
        " values (:org, :id, :address, :debtor, :dialable, cast(:ends as bytea[]), 'claimed', :since, cast(:consent as jsonb), :now)"
        " on conflict (org_id, id) do update set dialable_sealed = excluded.dialable_sealed,"
        " number_ends = excluded.number_ends, since = coalesce(excluded.since, address_link.since),"
        " consent = case when excluded.consent is null then address_link.consent else coalesce(address_link.consent, '{}') || excluded.consent end",
        id=link_id,
        address=address,
        debtor=debtor,
        dialable=person.seal("address_link", link_id, "dialable", card.dialable),
        ends=number_ends(tx, card.channel, card.dialable),
        since=card.since,
        consent=None if card.consent is None else canonical(card.consent),
    )
    return address


async def record_address(tx: Tx, channel: str, match_index: bytes) -> tuple[UUID, bool]:
    """The address's id, and whether it is new. Two who insert the same one at once: the second waits, and gets the first one's."""
    created: UUID | None = await tx.value(
        "insert into address (org_id, id, channel, match_index, deliverability, created_at)"
        " values (:org, :id, :channel, :match_index, 'unproven', :now) on conflict (org_id, channel, match_index) do nothing returning id",
        id=new_id(),
        channel=channel,
        match_index=match_index,
    )
    if created is not None:
        return created, True
    found: UUID = await tx.value(
        "select id from address where org_id = :org and channel = :channel and match_index = :match_index",
        channel=channel,
        match_index=match_index,
    )
    return found, False


async def owners(tx: Tx, channel: str, match_index: bytes, kin: bytes | None = None) -> Sequence[Any]:
    """Everybody an address may belong to: `address_id`, `deliverability`, `link_id`, `profile_name_sealed`, `debtor_id`, `kind`, and whether the
    address of index `kin` is known to be the same user's (`kin_known`). Of nobody, what belongs to a person is null.

    Of people who were merged, only the one who is kept. A number that stands with a client is no own phone of anybody's, though it was tested
    before: that of a known one on whichever channel, that of an unknown sender where they wrote.
    """
    return await tx.rows(
        "select a.id as address_id, a.deliverability, l.id as link_id, l.profile_name_sealed, l.debtor_id, d.kind,"
        " exists (select from address_kin y join address b on b.org_id = y.org_id and b.id = y.kin_id"
        " where y.org_id = a.org_id and y.address_id = a.id and b.match_index = cast(:kin as bytea)) as kin_known from address a"
        " left join (address_link l join debtor d on d.org_id = l.org_id and d.id = l.debtor_id and d.merged_into is null)"
        f" on l.org_id = a.org_id and l.address_id = a.id and l.status <> 'wrong_party' and not ({_OWN} and exists ({_A_CLIENT}))"
        " where a.org_id = :org and a.channel = :channel and a.match_index = :match_index",
        channel=channel,
        match_index=match_index,
        kin=kin,
        own=OWN_NUMBER,
    )


_OWN = "starts_with(coalesce(d.ref, ''), :own)"
_A_CLIENT = (
    "select from address y join address_link m on m.org_id = y.org_id and m.address_id = y.id join debtor c on c.org_id = m.org_id"
    " and c.id = m.debtor_id where y.org_id = a.org_id and y.match_index = a.match_index and not starts_with(coalesce(c.ref, ''), :own)"
    " and (c.kind = 'known' or y.id = a.id)"
)


async def holders(tx: Tx, phones: Iterable[str]) -> dict[str, list[tuple[str | None, ...]]]:
    """Whose each of these phones (by what they are compared by) is already: of everybody known their references, their own one first (None for who
    has none), then those of people who were merged into them. A number that is known to be somebody else's is nobody's."""
    matches = {tx.index("phone", phone): phone for phone in phones}
    rows = await tx.rows(
        "select distinct a.match_index, d.id, d.ref, array(select m.ref from debtor m where m.org_id = d.org_id and m.merged_into = d.id) as merged"
        " from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id"
        " and l.status <> 'wrong_party' join debtor w on w.org_id = l.org_id and w.id = l.debtor_id"
        " join debtor d on d.org_id = w.org_id and d.id = coalesce(w.merged_into, w.id)"
        " where a.org_id = :org and a.match_index = any(cast(:matches as bytea[])) and d.kind = 'known' order by d.id",
        matches=list(matches),
    )
    found: dict[str, list[tuple[str | None, ...]]] = {}
    for row in rows:
        found.setdefault(matches[bytes(row.match_index)], []).append((row.ref, *row.merged))
    return found


async def record_heard(tx: Tx, address: UUID, channel: str, *, link: UUID | None, profile: bytes | None, kin: bytes | None) -> None:
    """A client wrote from this address: so it works. Their `profile` name (sealed, for that link) is kept, and that the address of index `kin`
    is the same user's by the carrier's word, though nobody may be taken for its owner. One statement."""
    await tx.run(
        "with a as (update address set deliverability = 'good', deliverability_at = :now where org_id = :org and id = :address"
        " and deliverability <> 'good'),"
        " p as (update address_link set profile_name_sealed = cast(:profile as bytea) where org_id = :org and id = cast(:link as uuid)"
        " and cast(:profile as bytea) is not null),"
        " n as (insert into address (org_id, id, channel, match_index, deliverability, created_at) select :org, :made, :channel,"
        " cast(:kin as bytea), 'unproven', :now where cast(:kin as bytea) is not null"
        " on conflict (org_id, channel, match_index) do nothing returning id)"
        " insert into address_kin (org_id, address_id, kin_id, at) select :org, :address, k.id, :now from (select id from n union select id from address"
        " where org_id = :org and channel = :channel and match_index = cast(:kin as bytea)) k on conflict do nothing",
        address=address,
        channel=channel,
        link=link,
        profile=profile,
        kin=kin,
        made=new_id(),
    )


async def record_deliverability(tx: Tx, address: UUID, deliverability: str) -> bool:
    """Note what a carrier showed of an address; returns whether it is news.

    A passing trouble is no cure for a lasting one, in whichever order they are told: only `good` is (something arrived, or a client wrote).
    """
    return bool(
        await tx.run(
            "update address set deliverability = :deliverability, deliverability_at = :now"
            " where org_id = :org and id = :id and deliverability <> :deliverability and (:deliverability = 'good' or deliverability <> 'invalid'"
            " and (deliverability <> 'hard_bounce' or :deliverability = 'invalid'))",
            id=address,
            deliverability=deliverability,
        )
    )


def shown_status(deliverability: str, link_status: str, *, opted_out: bool) -> str:
    """The worst of the three facts."""
    facts = {deliverability, "wrong_party" if link_status == "wrong_party" else "good", "opted_out" if opted_out else "good"}
    return next(status for status in WORST_FIRST if status in facts)
