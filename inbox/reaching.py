"""How a client is reached: addresses that agents add, confirm, prefer, or find to be somebody else's."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.words import N_
from channels.phones import parse_phone
from debts.addresses import link_address
from debts.cards import AddressCard
from inbox.access import Reader, require_writer
from inbox.ownership import takes_over
from inbox.timeline import NewEntry, Thread, append, lock_thread, touch

CHANNELS = ("sms", "whatsapp", "voice", "email")
WRONG_PERSON = "wrong_person"
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}")


async def add_address(tx: Tx, reader: Reader, debtor: UUID, channel: str, written: str) -> UUID:
    """An address as the client told it to the reader: claimed, until something arrives there. Returns the address's id.

    Numbers without a country's code are read in the client's country. Raises `InvalidField` for what can be no address.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    country = await tx.value("select country from debtor where org_id = :org and id = :id", id=debtor)
    card = _card(channel, written.strip(), country)
    address = await link_address(tx, debtor, thread.person, card)
    new = await tx.run(
        "update address_link set source = coalesce(source, 'agent'), status = case status when 'wrong_party' then 'claimed' else status end"
        " where org_id = :org and address_id = :address and debtor_id = :debtor and (source is null or status = 'wrong_party')",
        address=address,
        debtor=debtor,
    )
    if not new:
        return address
    await append(tx, thread, NewEntry(kind="event", channel=channel, agent_id=reader.agent_id, detail={"event": "address_added"}))
    await audit.record(tx, f"agent:{reader.agent_id}", "address.added", debtor, address=address)
    return address


def _card(channel: str, written: str, country: str | None) -> AddressCard:
    if channel not in CHANNELS:
        raise InvalidField("channel", N_("Choose a channel."))
    if channel == "email":
        if not _EMAIL.fullmatch(written) or len(written) > 200:
            raise InvalidField("value", N_("This is no email address."))
        return AddressCard(channel, written, written.casefold())
    try:
        phone = parse_phone(written, country)
    except InvalidField as error:
        raise InvalidField("value", N_("This is no phone number. Write it whole, with + and the country's code.")) from error
    return AddressCard(channel, phone.dialable, phone.match_key)


async def confirm_address(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> None:
    """The client says that this address is theirs, also where somebody had said that it is not. Raises `NotFound`."""
    thread, link = await _locked(tx, reader, debtor, address)
    await tx.run("update address_link set status = 'confirmed' where org_id = :org and id = :id", id=link.id)
    await touch(tx, thread.conversation_id)
    await audit.record(tx, f"agent:{reader.agent_id}", "address.confirmed", debtor, address=address, was=link.status)


async def prefer_address(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> None:
    """The client chose this address of its channel. Raises `NotFound`."""
    thread, link = await _locked(tx, reader, debtor, address)
    if link.status == "wrong_party":
        raise InvalidField("address", N_("This address is somebody else's."))
    await tx.run("update address_link set preferred_at = :now where org_id = :org and id = :id", id=link.id)
    await touch(tx, thread.conversation_id)
    await audit.record(tx, f"agent:{reader.agent_id}", "address.preferred", debtor, address=address)


async def wrong_person(tx: Tx, reader: Reader, debtor: UUID, address: UUID | None = None) -> UUID:
    """Whoever answers at this address is not the client: nothing is sent there any more, and the conversation is closed; returns the address.

    Without one, it is the address that was last heard from; a second press finds the one of the first. Raises `NotFound` for an address that is
    not this client's, or for nobody heard, and `Conflict` where a colleague attends the client.
    """
    thread, link = await _locked(tx, reader, debtor, address)
    if link.status == "wrong_party":
        return UUID(str(link.address_id))
    if thread.assigned_agent_id not in (None, reader.agent_id) and not takes_over(reader):
        raise Conflict(N_("A colleague attends this conversation already."))
    await _say_of_number(tx, debtor, link.address_id, "wrong_party")
    await tx.run(
        "update conversation set state = 'closed', disposition = :disposition, assigned_agent_id = null, snoozed_until = null, waiting_since = null,"
        " read_position = position where org_id = :org and id = :id",
        id=thread.conversation_id,
        disposition=WRONG_PERSON,
    )
    detail = {"event": WRONG_PERSON, "was": link.status}
    await append(tx, thread, NewEntry(kind="event", channel=link.channel, agent_id=reader.agent_id, detail=detail))
    await audit.record(tx, f"agent:{reader.agent_id}", "address.wrong_person", debtor, address=link.address_id, was=link.status)
    return UUID(str(link.address_id))


async def right_person(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> None:
    """Take back `wrong_person`: the address is claimed to be the client's again, the conversation is open and the reader's."""
    thread, link = await _locked(tx, reader, debtor, address)
    if link.status != "wrong_party":
        return
    await _say_of_number(tx, debtor, address, "claimed")
    await tx.run(
        "update conversation c set state = case d.kind when 'known' then 'open' else 'triage' end, disposition = null, assigned_agent_id = :agent"
        " from debtor d where c.org_id = :org and c.id = :id and c.state = 'closed' and c.disposition = :disposition"
        " and d.org_id = c.org_id and d.id = c.debtor_id",
        id=thread.conversation_id,
        agent=reader.agent_id,
        disposition=WRONG_PERSON,
    )
    await append(tx, thread, NewEntry(kind="event", channel=link.channel, agent_id=reader.agent_id, detail={"event": "right_person"}))
    await audit.record(tx, f"agent:{reader.agent_id}", "address.right_person", debtor, address=address)


async def told_of(tx: Tx, debtor: UUID) -> list[Any]:
    """What people said of each address of a client: `address_id`, `status`, and since when it is `preferred`. The caller may see the client."""
    rows = await tx.rows(
        "select address_id, status, preferred_at as preferred from address_link where org_id = :org and debtor_id = :debtor",
        debtor=debtor,
    )
    return list(rows)


async def _say_of_number(tx: Tx, debtor: UUID, address: UUID, status: str) -> None:
    """A number is somebody's on every channel alike: who is not the client by SMS is not the client on WhatsApp either."""
    await tx.run(
        "update address_link l set status = :status from address told join address a on a.org_id = told.org_id and a.match_index = told.match_index"
        " where told.org_id = :org and told.id = :address and l.org_id = :org and l.address_id = a.id and l.debtor_id = :debtor",
        status=status,
        address=address,
        debtor=debtor,
    )


async def _locked(tx: Tx, reader: Reader, debtor: UUID, address: UUID | None) -> tuple[Thread, Any]:
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    link = await tx.row(
        "select l.id, l.address_id, l.status, a.channel from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id"
        " join conversation c on c.org_id = l.org_id and c.debtor_id = l.debtor_id"
        " left join lateral (select m.id from message m where m.org_id = l.org_id and m.address_id = l.address_id and m.debtor_id = l.debtor_id"
        " and m.direction = 'in' order by m.id desc limit 1) heard on true where l.org_id = :org and l.debtor_id = :debtor"
        # Of whom it was said already, the other addresses were not meant.
        " and (l.address_id = cast(:address as uuid) or (cast(:address as uuid) is null and heard.id is not null"
        " and (l.status = 'wrong_party') = (c.state = 'closed' and c.disposition is not distinct from 'wrong_person' and exists (select from"
        " address_link w where w.org_id = l.org_id and w.debtor_id = l.debtor_id and w.status = 'wrong_party'))))"
        " order by heard.id desc nulls last limit 1",
        debtor=debtor,
        address=address,
    )
    if link is None:
        raise NotFound
    return thread, link
