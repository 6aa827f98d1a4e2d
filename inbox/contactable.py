"""Who can be contacted today: the gate's own rules over every client of a reader, read in bulk and judged one by one. Nothing is kept or sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from base.db import Tx
from base.words import N_
from channels.contract import Channel
from compliance.gate import read_many_facts
from compliance.rules import Facts, Objection, Prepared, first_objection
from debts.cards import OWN_NUMBER
from debts.people import open_name
from inbox.access import MAY_SEE, Reader
from inbox.sending import SENDABLE

SAMPLES = 5
NO_ADDRESS = Objection("no_address", N_("There is no phone or account on a channel that is open here."), {})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some clients cannot be contacted: the rule, its sentence (a msgid) with the first one's variables, how many, and the first
    conversations."""

    rule: str
    sentence: str
    variables: Mapping[str, str]
    count: int
    samples: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Contactable:
    """Of `total` clients, `now` may be written to at this moment; `by_channel` counts a client once for each of their open channels."""

    total: int
    now: int
    by_channel: Mapping[str, int]
    reasons: tuple[Reason, ...]
    first: UUID | None = None


@dataclass(slots=True)
class _Tally:
    """What is being counted."""

    now: int = 0
    first: UUID | None = None
    by_channel: dict[str, int] = field(default_factory=dict)
    blocked: dict[str, tuple[Objection, list[UUID], int]] = field(default_factory=dict)

    def count(self, conversation: UUID, facts: Sequence[Facts]) -> None:
        """One client, by the facts of every address of theirs."""
        objections = [(one, first_objection(one)) for one in facts]
        channels = {one.channel for one, objection in objections if objection is None}
        for channel in channels:
            self.by_channel[channel] = self.by_channel.get(channel, 0) + 1
        if channels:
            self.now += 1
            self.first = self.first or conversation
            return
        reason = next((objection for _, objection in objections if objection is not None), NO_ADDRESS)
        told, samples, count = self.blocked.get(reason.rule, (reason, [], 0))
        self.blocked[reason.rule] = (told, [*samples, conversation] if len(samples) < SAMPLES else samples, count + 1)


async def contactable(tx: Tx, reader: Reader, channels: Collection[Channel] = SENDABLE) -> Contactable:
    """How many of the reader's clients the gate would let us write to now, by which channels, and why not the others.

    Three statements, whatever the number of clients. WhatsApp counts as open where an approved template may open it.
    """
    wanted = [channel.value for channel in channels]
    clients = await _clients(tx, reader)
    facts = await read_many_facts(tx, [client.debtor_id for client in clients], wanted)
    offered = await _offered(tx)
    tally = _Tally(by_channel=dict.fromkeys(wanted, 0))
    for client in clients:
        known = facts.get(client.debtor_id, [])
        tally.count(client.id, [_with_template(one, offered, client.portfolios) for one in known])
    reasons = [Reason(one.rule, one.sentence, one.variables, count, tuple(samples)) for one, samples, count in tally.blocked.values()]
    return Contactable(
        len(clients), tally.now, tally.by_channel, tuple(sorted(reasons, key=lambda reason: (-reason.count, reason.rule))), tally.first
    )


async def names_of(tx: Tx, reader: Reader, conversations: Collection[UUID]) -> dict[UUID, str]:
    """What the clients of some conversations are called, as far as the reader may see them."""
    rows = await tx.rows(
        "select c.id, c.debtor_id, d.name_sealed, k.key_name, k.wrapped from conversation c"
        " join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id"
        f" where c.org_id = :org and c.id = any(:wanted) and {MAY_SEE}",
        wanted=list(conversations),
        **reader.rights,
    )
    return {row.id: open_name(tx, row) or "" for row in rows}


async def _clients(tx: Tx, reader: Reader) -> Sequence[Any]:
    """Everybody we know by name; numbers of our own that test messages go to are no clients."""
    return await tx.rows(
        "select c.id, c.debtor_id, c.portfolios from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " where c.org_id = :org and c.state <> 'merged' and d.kind = 'known' and d.merged_into is null"
        f" and (d.ref is null or not starts_with(d.ref, :own)) and {MAY_SEE} order by c.id",
        own=OWN_NUMBER,
        **reader.rights,
    )


async def _offered(tx: Tx) -> Mapping[UUID | None, Prepared]:
    """One approved WhatsApp template per creditor; under None one that is everybody's."""
    rows = await tx.rows(
        "select distinct on (creditor_id) id, creditor_id from template where org_id = :org and kind = 'template' and channel = 'whatsapp'"
        " and approval = 'approved' and active order by creditor_id, id"
    )
    return {row.creditor_id: Prepared(row.id, "approved", active=True, fits=True) for row in rows}


def _with_template(facts: Facts, offered: Mapping[UUID | None, Prepared], portfolios: Collection[UUID]) -> Facts:
    """The same facts for a contact by template, where free text would be refused for want of one."""
    if facts.channel != "whatsapp" or (objection := first_objection(facts)) is None or objection.rule != "wa_window":
        return facts
    template = next((offered[creditor] for creditor in (None, *portfolios) if creditor in offered), None)
    return facts if template is None else replace(facts, template=template)
