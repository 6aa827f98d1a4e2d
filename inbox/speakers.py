"""Whose word an inbound one is: the one person an address belongs to, else a stranger in triage. What carriers think two addresses share decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.crypto import PersonCipher, Unreadable
from base.db import Tx
from base.errors import Raced
from base.ids import new_id
from base.signs import clean, shown
from channels.contract import Inbound
from channels.phones import match_key
from debts.addresses import number_ends, owners, record_heard
from inbox.timeline import Thread, lock_thread

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whom an inbound word belongs to: the address it came from, the locked thread of its owner, and what is news of the address.

    `proven` says that the address was known to work already, `shared` that others have it too, `profile` is a name that we did not know, and
    `kin` the index of another id that the carrier calls the same user's, where we did not know that.
    """

    address_id: UUID
    thread: Thread
    proven: bool = False
    shared: bool = False
    link_id: UUID | None = None
    profile: str | None = None
    kin: bytes | None = None

    @property
    def is_news(self) -> bool:
        """Whether anything of the address must be written down."""
        return not self.proven or self.profile is not None or self.kin is not None


async def find_speaker(tx: Tx, inbound: Inbound) -> Speaker:
    """The speaker of an inbound word, with their thread locked. Raises `Raced` where somebody else records them at this moment."""
    index = _index(tx, inbound.sender)
    kin = None if inbound.also_known_as is None else _index(tx, inbound.also_known_as)
    found = await owners(tx, inbound.channel.value, index, kin)
    debtor = await _owner(tx, found)
    if debtor is None:
        return await _new_speaker(tx, inbound, index, kin, found)
    row = next(row for row in found if row.debtor_id == debtor)
    thread = await lock_thread(tx, debtor)
    return Speaker(
        row.address_id,
        thread,
        proven=row.deliverability == "good",
        shared=len(found) > 1,
        link_id=row.link_id,
        profile=_new_name(thread, row, _name(inbound)),
        kin=None if row.kin_known else kin,
    )


async def learn(tx: Tx, speaker: Speaker, channel: str) -> list[dict[str, Any]]:
    """Write down what a word has shown of its address; returns the facts for the ledger."""
    if not speaker.is_news:
        return []
    sealed = None
    if speaker.profile is not None and speaker.link_id is not None:
        sealed = speaker.thread.person.seal("address_link", speaker.link_id, "profile_name", speaker.profile)
    await record_heard(tx, speaker.address_id, channel, link=speaker.link_id, profile=sealed, kin=speaker.kin)
    news = {"address.profile_told": sealed is not None, "address.kin_told": speaker.kin is not None}
    told = [action for action, is_news in news.items() if is_news]
    return [audit.fact("system:receiving", action, speaker.thread.debtor_id, address=speaker.address_id) for action in told]


async def _owner(tx: Tx, found: Sequence[Any]) -> UUID | None:
    """The one person the address belongs to; of several, the one we last wrote to; with no such sign, nobody."""
    people: dict[UUID, str] = {row.debtor_id: row.kind for row in found if row.debtor_id is not None}
    if len(people) <= 1:
        return next(iter(people), None)
    written: UUID | None = await tx.value(
        "select debtor_id from message where org_id = :org and address_id = :address and direction = 'out' and debtor_id = any(:people)"
        " and state not in ('cancelled', 'withheld') order by id desc limit 1",
        address=found[0].address_id,
        people=list(people),
    )
    known = [debtor for debtor, kind in people.items() if kind == "known"]
    if written is not None:
        return written
    if len(known) == 1:
        return known[0]
    return next((debtor for debtor, kind in people.items() if kind == "provisional"), None)


async def _new_speaker(tx: Tx, inbound: Inbound, index: bytes, kin: bytes | None, found: Sequence[Any]) -> Speaker:
    """A provisional person in triage. Whoever inserts the address first makes the person; the others wait for that, then start again."""
    if not found:
        stranger = await _new_stranger(tx, inbound, index)
        if stranger is None:
            raise Raced("Somebody else recorded this sender at the same moment.")
        return Speaker(*stranger, proven=True, kin=kin)
    address: UUID = found[0].address_id
    # A word proves it, and the row's lock makes whoever comes with another word wait for the person made here.
    await tx.run(
        "update address set deliverability = 'good', deliverability_at = :now where org_id = :org and id = :address", address=address
    )
    again = await owners(tx, inbound.channel.value, index, kin)
    if await _owner(tx, again) is not None:
        raise Raced("Somebody else recorded this sender at the same moment.")
    stranger = await _new_stranger(tx, inbound, index, address)
    if stranger is None:
        raise Raced("This sender's address vanished at the same moment.")
    return Speaker(*stranger, proven=True, shared=True, kin=None if again[0].kin_known else kin)


async def _new_stranger(tx: Tx, inbound: Inbound, index: bytes, address: UUID | None = None) -> tuple[UUID, Thread] | None:
    """A person of whom we know nothing yet but the address they wrote from: all of them in one statement, with the address where that is new.

    None where somebody else inserted the address meanwhile.
    """
    debtor, link, conversation = new_id(), new_id(), new_id()
    key_name, wrapped = tx.cipher.new_person_key(tx.org, debtor)
    person = tx.person(debtor, key_name, wrapped)
    name = _name(inbound)
    found: UUID | None = await tx.value(
        _STRANGER % (_NEW_ADDRESS if address is None else _OLD_ADDRESS),
        address=new_id() if address is None else address,
        channel=inbound.channel.value,
        match_index=index,
        debtor=debtor,
        key_name=key_name,
        wrapped=wrapped,
        link=link,
        dialable=person.seal("address_link", link, "dialable", inbound.sender),
        ends=number_ends(tx, inbound.channel.value, inbound.sender),
        profile=None if name is None else person.seal("address_link", link, "profile_name", name),
        conversation=conversation,
    )
    return None if found is None else (found, Thread(debtor, conversation, 1, "triage", [], None, None, person))


_NEW_ADDRESS = (
    "insert into address (org_id, id, channel, match_index, deliverability, deliverability_at, created_at)"
    " values (:org, :address, :channel, :match_index, 'good', :now, :now) on conflict (org_id, channel, match_index) do nothing returning id"
)
_OLD_ADDRESS = "select id from address where org_id = :org and id = :address and channel = :channel and match_index = :match_index"
_STRANGER = (
    "with a as (%s),"
    " d as (insert into debtor (org_id, id, kind, created_at) select :org, :debtor, 'provisional', :now from a),"
    " k as (insert into person_key (org_id, person_id, key_name, wrapped, created_at) select :org, :debtor, :key_name, :wrapped, :now from a),"
    " l as (insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, number_ends, profile_name_sealed, status, since,"
    " created_at) select :org, :link, a.id, :debtor, :dialable, cast(:ends as bytea[]), cast(:profile as bytea), 'confirmed', :now, :now from a),"
    " c as (insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_at, last_inbound_position,"
    " read_position, created_at) select :org, :conversation, :debtor, 'triage', 1, 1, 0, '{}', :now, 0, 0, :now from a)"
    " select id from a"
)


def _index(tx: Tx, sender: str) -> bytes:
    """Phones are found alike on every channel; a business-scoped id looks like none."""
    return tx.index("phone", match_key(sender))


def _name(inbound: Inbound) -> str | None:
    """What the sender calls themselves: a hint for people, as long as a name can be."""
    name = " ".join(shown(clean(inbound.profile_name or "")).split())
    return name[:LONGEST_NAME] or None


def _new_name(thread: Thread, row: Any, name: str | None) -> str | None:  # noqa: ANN401 - a row of `owners`
    if name is None or row.profile_name_sealed is None:
        return name
    return None if open_profile(thread.person, row.link_id, row.profile_name_sealed) == name else name


def open_profile(person: PersonCipher, link: UUID, sealed: Any) -> str | None:  # noqa: ANN401 - a column of bytes
    """What somebody calls themselves at an address; None where nothing is known, or it was sealed for somebody else."""
    try:
        return None if sealed is None else person.open("address_link", link, "profile_name", bytes(sealed))
    except Unreadable:
        return None
