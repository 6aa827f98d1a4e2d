"""How a client is reached: addresses that agents add, confirm, prefer, or find to be somebody else's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.words import N_
from channels.phones import parse_phone
from debts.addresses import link_address
from debts.cards import AddressCard
from inbox.access import Reader
from inbox.moves import move, require_hold, require_seen, stand
from inbox.timeline import NewEntry, Thread, append, touch

CHANNELS = ("sms", "whatsapp", "voice", "email")
WRONG_PERSON = "wrong_person"
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}")


async def add_address(tx: Tx, reader: Reader, debtor: UUID, channel: str, written: str) -> UUID:
    """An address as the client told it to the reader: claimed, until something arrives there. Returns the address's id.

    Numbers without a country's code are read in the client's country. Raises `InvalidField` for what can be no address, `Conflict` where a
    colleague attends the client.
    """
    standing = await stand(tx, reader, debtor)
    await require_hold(tx, reader, standing.owner)
    thread = standing.thread
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
    """The client says that this address is theirs, also where somebody had said that it is not. Raises `NotFound`, `Conflict`."""
    thread, link = await _held(tx, reader, debtor, address)
    await tx.run("update address_link set status = 'confirmed' where org_id = :org and id = :id", id=link.id)
    await touch(tx, thread.conversation_id)
    await audit.record(tx, f"agent:{reader.agent_id}", "address.confirmed", debtor, address=address, was=link.status)


async def prefer_address(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> None:
    """The client chose this address of its channel. Raises `NotFound`, `Conflict`."""
    thread, link = await _held(tx, reader, debtor, address)
    if link.status == "wrong_party":
        raise InvalidField("address", N_("This address is somebody else's."))
    await tx.run("update address_link set preferred_at = :now where org_id = :org and id = :id", id=link.id)
    await touch(tx, thread.conversation_id)
    await audit.record(tx, f"agent:{reader.agent_id}", "address.preferred", debtor, address=address)


async def wrong_person(tx: Tx, reader: Reader, debtor: UUID, address: UUID | None = None, *, seen: int | None = None) -> UUID | None:
    """Whoever answers at this address is not the client: nothing is sent there any more. Returns the event's id, None where that was said before.

    Without one it is the address that was last heard from, and with that the conversation is closed: nobody is left to talk to. `seen` is the
    revision that the reader had seen. Raises `NotFound` for an address that is not this client's, `Conflict` where nobody was heard from, where
    the client wrote since `seen`, or where a colleague attends them.
    """
    standing = await stand(tx, reader, debtor)
    heard = await _last_heard(tx, debtor)
    if address is None and (standing.values["disposition"] == WRONG_PERSON or heard is None):
        if standing.is_put_away:
            return None
        raise Conflict(N_("Nobody has written from an address of this client yet. Say under “People” which one is not theirs."))
    link = await _link(tx, debtor, address or heard.address_id)
    if link.status == "wrong_party":
        return None
    await require_hold(tx, reader, standing.owner)
    changes: dict[str, object] = {}
    if heard is not None and heard.match_index == link.match_index and not standing.is_put_away:
        require_seen(standing, seen)
        changes = {**standing.put_away, "disposition": WRONG_PERSON, "read_position": standing.position}
    detail = {"links": await _not_theirs(tx, debtor, link.match_index)}
    facts = {"address": link.address_id, "was": link.status}
    return await move(tx, reader, standing, WRONG_PERSON, changes, detail, facts, channel=link.channel)


async def right_person(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> None:
    """The address of which it was said that it is somebody else's is claimed to be the client's again. Raises `NotFound`, `Conflict`."""
    thread, link = await _held(tx, reader, debtor, address)
    if link.status != "wrong_party":
        return
    await tx.run(
        "update address_link l set status = 'claimed' from address a where a.org_id = :org and a.match_index = :number and l.org_id = :org"
        " and l.address_id = a.id and l.debtor_id = :debtor and l.status = 'wrong_party'",
        number=link.match_index,
        debtor=debtor,
    )
    await append(tx, thread, NewEntry(kind="event", channel=link.channel, agent_id=reader.agent_id, detail={"event": "right_person"}))
    await audit.record(tx, f"agent:{reader.agent_id}", "address.right_person", debtor, address=address)


async def theirs_again(tx: Tx, debtor: UUID, links: Mapping[str, str]) -> bool:
    """Say of links what was said before `wrong_person`; False where something else was said of one of them since."""
    given = await tx.run(
        "update address_link l set status = b.value from jsonb_each_text(cast(:links as jsonb)) b where l.org_id = :org"
        " and l.id = cast(b.key as uuid) and l.debtor_id = :debtor and l.status = 'wrong_party'",
        links=audit.canonical(dict(links)),
        debtor=debtor,
    )
    return given == len(links)


async def told_of(tx: Tx, debtor: UUID) -> list[Any]:
    """What people said of each address of a client: `address_id`, `status`, and since when it is `preferred`. The caller may see the client."""
    rows = await tx.rows(
        "select address_id, status, preferred_at as preferred from address_link where org_id = :org and debtor_id = :debtor",
        debtor=debtor,
    )
    return list(rows)


async def _not_theirs(tx: Tx, debtor: UUID, number: bytes) -> dict[str, str]:
    """A number is somebody's on every channel alike: who is not the client by SMS is not the client on WhatsApp either. Returns what was said
    of each link before, by its id."""
    rows = await tx.rows(
        "update address_link l set status = 'wrong_party' from address a, address_link b where a.org_id = :org and a.match_index = :number"
        " and l.org_id = :org and l.address_id = a.id and l.debtor_id = :debtor and b.org_id = l.org_id and b.id = l.id"
        " and l.status <> 'wrong_party' returning l.id, b.status",
        number=number,
        debtor=debtor,
    )
    return {str(row.id): row.status for row in rows}


async def _last_heard(tx: Tx, debtor: UUID) -> Any:  # noqa: ANN401 - a row
    """The address that the client last wrote from, among those that are theirs; None where there is none."""
    return await tx.row(
        "select l.address_id, a.match_index from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id"
        " cross join lateral (select m.id from message m where m.org_id = l.org_id and m.address_id = l.address_id and m.debtor_id = l.debtor_id"
        " and m.direction = 'in' order by m.id desc limit 1) heard where l.org_id = :org and l.debtor_id = :debtor and l.status <> 'wrong_party'"
        " order by heard.id desc limit 1",
        debtor=debtor,
    )


async def _link(tx: Tx, debtor: UUID, address: UUID) -> Any:  # noqa: ANN401 - a row
    link = await tx.row(
        "select l.id, l.address_id, l.status, a.channel, a.match_index from address_link l"
        " join address a on a.org_id = l.org_id and a.id = l.address_id"
        " where l.org_id = :org and l.debtor_id = :debtor and l.address_id = :address",
        debtor=debtor,
        address=address,
    )
    if link is None:
        raise NotFound
    return link


async def _held(tx: Tx, reader: Reader, debtor: UUID, address: UUID) -> tuple[Thread, Any]:
    standing = await stand(tx, reader, debtor)
    link = await _link(tx, debtor, address)
    await require_hold(tx, reader, standing.owner)
    return standing.thread, link
