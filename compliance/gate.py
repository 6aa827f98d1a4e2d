"""The gate: the only door to a debtor. Every send asks it, under the debtor's lock, and every answer is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.ids import new_id
from compliance.rules import PACK, Facts, Objection, first_objection


class Stage(StrEnum):
    """When in a message's life the gate was asked."""

    COMPOSED = "composed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that somebody wants to make."""

    debtor_id: UUID
    message_id: UUID
    channel: str
    address_id: UUID
    purpose: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer, as stored under `id`."""

    id: UUID
    allowed: bool
    objection: Objection | None

    @property
    def rule(self) -> str | None:
        """The id of the rule that objected."""
        return self.objection.rule if self.objection else None


async def judge(tx: Tx, contact: Contact, stage: Stage) -> Verdict:
    """Decide about one contact and keep the verdict. The caller holds the debtor's lock."""
    facts = await read_facts(tx, contact.debtor_id, contact.address_id, contact.channel)
    objection = first_objection(facts)
    verdict = Verdict(new_id(), objection is None, objection)
    await tx.run(
        "insert into verdict (org_id, id, debtor_id, message_id, stage, at, allowed, rule, text, pack, facts)"
        " values (:org, :id, :debtor, :message, :stage, :now, :allowed, :rule, :text, :pack, cast(:facts as jsonb))",
        id=verdict.id,
        debtor=contact.debtor_id,
        message=contact.message_id,
        stage=stage.value,
        allowed=verdict.allowed,
        rule=verdict.rule,
        text=objection.text if objection else None,
        pack=PACK,
        facts=canonical(facts.as_json() | {"purpose": contact.purpose, "address": contact.address_id}),
    )
    return verdict


async def foresee(tx: Tx, debtor: UUID, address: UUID, channel: str) -> Objection | None:
    """What the gate would object to a contact now, with no effect: for showing a channel as closed before anybody types."""
    return first_objection(await read_facts(tx, debtor, address, channel))


async def read_facts(tx: Tx, debtor: UUID, address: UUID, channel: str) -> Facts:
    """The facts about one address of one debtor, in one statement."""
    row = await tx.row(
        "select a.deliverability, l.status as link_status,"
        " word.wording as opt_out_word, word.at as opt_out_word_at, other.source as opted_out_by, other.at as opted_out_at,"
        " (select reason from kill_switch k where k.org_id = :org and k.channel in (:channel, '*') and k.lifted_at is null limit 1) as killed"
        " from address a"
        " left join address_link l on l.org_id = a.org_id and l.address_id = a.id and l.debtor_id = :debtor"
        " left join lateral (select wording, at from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source = 'word'"
        " and o.revoked_at is null order by at desc limit 1) word on true"
        " left join lateral (select source, at from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source <> 'word'"
        " and o.revoked_at is null order by at desc limit 1) other on true"
        " where a.org_id = :org and a.id = :address",
        debtor=debtor,
        address=address,
        channel=channel,
    )
    if row is None:
        raise LookupError(f"address {address} does not exist")
    return Facts(
        channel=channel,
        deliverability=row.deliverability,
        link_status=row.link_status or "wrong_party",
        opt_out_word=row.opt_out_word,
        opt_out_word_at=row.opt_out_word_at and row.opt_out_word_at.date().isoformat(),
        opted_out_by=row.opted_out_by,
        opted_out_at=row.opted_out_at and row.opted_out_at.date().isoformat(),
        killed=row.killed,
    )
