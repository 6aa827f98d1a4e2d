"""Our own numbers: those the settings name, what is noted of each, and the phones of our own people that test messages go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import InvalidField, NotFound
from base.ids import new_id
from base.settings import Settings
from base.words import N_
from channels.phones import parse_phone
from debts.cards import OWN_NUMBER, AddressCard, DebtorCard
from inbox.access import Reader
from inbox.clients import record_client


@dataclass(frozen=True, slots=True)
class Number:
    """A number of ours. `account` is the carrier account that sends for it, masked; without an `id` nobody has named it yet."""

    channel: str
    address: str
    account: str
    simulated: bool
    id: UUID | None = None
    label: str = ""
    creditor_id: UUID | None = None
    active: bool = True
    tested_at: datetime | None = None


async def list_numbers(tx: Tx, settings: Settings) -> list[Number]:
    """The numbers that the settings let us send from, with what is recorded of each; a test that arrived since is noted first."""
    await _note_arrivals(tx)
    rows = await tx.rows("select id, channel, address, label, creditor_id, active, tested_at from sender where org_id = :org")
    known = {(row.channel, row.address): row for row in rows}
    account = f"{settings.twilio_account_sid[:2]}…{settings.twilio_account_sid[-4:]}"
    return [_number(channel, address, account, settings, known.get((channel, address))) for channel, address in own_numbers(settings)]


def own_numbers(settings: Settings) -> list[tuple[str, str]]:
    """Channel and number of every sender that the settings name."""
    named = [("sms", settings.twilio_sender), ("whatsapp", settings.twilio_whatsapp_sender)]
    return [(channel, address) for channel, address in named if address]


def _number(channel: str, address: str, account: str, settings: Settings, row: Any) -> Number:  # noqa: ANN401 - a row or None
    if row is None:
        return Number(channel, address, account, settings.simulated)
    return Number(channel, address, account, settings.simulated, row.id, row.label, row.creditor_id, row.active, row.tested_at)


async def record_sender(tx: Tx, settings: Settings, actor: str, channel: str, address: str, label: str, creditor: UUID | None) -> UUID:
    """Note what a number is called and whose clients see it. Raises `NotFound` for a number that the settings do not name."""
    if (channel, address) not in own_numbers(settings):
        raise NotFound
    if creditor is not None and await tx.value("select 1 from creditor where org_id = :org and id = :id", id=creditor) is None:
        raise InvalidField("creditor", N_("Choose a creditor of the list."))
    sender: UUID = await tx.value(
        "insert into sender (org_id, id, channel, address, label, creditor_id, active, created_at)"
        " values (:org, :id, :channel, :address, :label, cast(:creditor as uuid), true, :now) on conflict (org_id, channel, address)"
        " do update set label = excluded.label, creditor_id = excluded.creditor_id returning id",
        id=new_id(),
        channel=channel,
        address=address,
        label=label,
        creditor=creditor,
    )
    await audit.record(tx, actor, "sender.recorded", sender, channel=channel, creditor=creditor)
    return sender


async def note_sender(tx: Tx, settings: Settings, actor: str, channel: str) -> None:
    """A number of ours that is used stands in the table, by its own name until somebody gives it a better one."""
    for named, address in own_numbers(settings):
        known = await tx.value(
            "select 1 from sender where org_id = :org and channel = :channel and address = :address", channel=named, address=address
        )
        if named == channel and known is None:
            await record_sender(tx, settings, actor, channel, address, address, None)


async def own_phone(tx: Tx, reader: Reader, channel: str, number: str) -> tuple[UUID, str]:
    """The reader's own phone as somebody to write to; returns the debtor's id and the dialable number. Raises `InvalidField`.

    The gate stands before this contact as before every other one: the consent that it finds is the owner's own, given by typing the number.
    """
    try:
        phone = parse_phone(number)
    except InvalidField as wrong:
        raise InvalidField("number", wrong.problem) from wrong
    if await _stands_with_a_client(tx, phone.match_key):
        raise InvalidField("number", N_("This number stands with a client. Take a phone of your own for the test."))
    consent = {"source": "own number", "at": tx.now.isoformat()}
    card = DebtorCard(
        ref=reader.own_ref,
        name=reader.name,
        language=reader.language,
        zone=reader.zone,
        addresses=(AddressCard(channel, phone.dialable, phone.match_key, consent=consent),),
    )
    debtor, _ = await record_client(tx, f"agent:{reader.agent_id}", card, own=True)
    # It is nobody's work: in the lists of clients it would only stand in the way. What comes back to it is the reader's to see.
    await tx.run(
        "update conversation set state = 'own', disposition = null, assigned_agent_id = :agent where org_id = :org and debtor_id = :debtor",
        agent=reader.agent_id,
        debtor=debtor,
    )
    return debtor, phone.dialable


async def _stands_with_a_client(tx: Tx, match: str) -> bool:
    """Whether a number is written down with anybody but us, on whichever channel and however that stands: their words would come to the tester."""
    found = await tx.value(
        "select 1 from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id"
        " join debtor d on d.org_id = l.org_id and d.id = l.debtor_id where a.org_id = :org and a.match_index = :match"
        " and (d.ref is null or not starts_with(d.ref, :own)) limit 1",
        match=tx.index("phone", match),
        own=OWN_NUMBER,
    )
    return found is not None


async def newest_test(tx: Tx, reader: Reader) -> UUID | None:
    """The message of the reader's newest test, or None."""
    found: UUID | None = await tx.value(
        "select m.id from message m join debtor d on d.org_id = m.org_id and d.id = m.debtor_id"
        " where m.org_id = :org and d.ref = :ref and m.direction = 'out' order by m.id desc limit 1",
        ref=reader.own_ref,
    )
    return found


async def has_reached_somebody(tx: Tx) -> bool:
    """Whether any message of ours has arrived at a client (our own phones are none)."""
    found = await tx.value(
        "select m.id from message m join debtor d on d.org_id = m.org_id and d.id = m.debtor_id where m.org_id = :org and m.direction = 'out'"
        " and m.state in ('delivered', 'read') and (d.ref is null or not starts_with(d.ref, :own)) limit 1",
        own=OWN_NUMBER,
    )
    return found is not None


async def _note_arrivals(tx: Tx) -> None:
    """A number works once a test message of its channel has arrived."""
    await tx.run(
        "update sender s set tested_at = t.at from (select m.channel, max(m.state_at) as at from message m join debtor d on d.org_id = m.org_id"
        " and d.id = m.debtor_id where m.org_id = :org and starts_with(d.ref, :own) and m.direction = 'out' and m.state in ('delivered', 'read')"
        " group by m.channel) t where s.org_id = :org and s.channel = t.channel and (s.tested_at is null or s.tested_at < t.at)",
        own=OWN_NUMBER,
    )
