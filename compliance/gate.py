"""The gate: the only door to a debtor. Every send asks it, under the debtor's lock, and every answer is kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.ids import new_id
from compliance.rules import PACK, Facts, Objection, Prepared, first_objection


class Stage(StrEnum):
    """When in a message's life the gate was asked."""

    COMPOSED = "composed"
    HELD = "held"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that somebody wants to make. `portfolio` is the creditor it is made for, where that is known; `at` when it would leave (now, if
    not given). With `template`, the words are those of a registered template."""

    debtor_id: UUID
    message_id: UUID
    channel: str
    address_id: UUID
    purpose: str
    portfolio: UUID | None = None
    template: Prepared | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Foresight:
    """What the gate would say of free text now, and until when it would let it through on a channel with a window."""

    objection: Objection | None
    open_until: datetime | None = None


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
    facts = await read_facts(tx, contact)
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


async def foresee(tx: Tx, debtor: UUID, address: UUID, channel: str, portfolio: UUID | None = None) -> Foresight:
    """What the gate would say of a contact now, with no effect: for showing a channel as closed, or for how long open, before anybody types."""
    return _foresight(await read_facts(tx, Contact(debtor, debtor, channel, address, "", portfolio)))


async def foresee_each(
    tx: Tx, debtor: UUID, channels: Sequence[str], portfolio: UUID | None = None, template: Prepared | None = None
) -> dict[UUID, Foresight]:
    """As `foresee`, of every address of a debtor on some channels, by the address, in one statement; with `template`, of its words."""
    rows = await tx.rows(_MANY, debtors=[debtor], channels=list(channels), portfolio=portfolio)
    return {row.address_id: _foresight(_facts(row, tx.now, template)) for row in rows}


def _foresight(facts: Facts) -> Foresight:
    objection = first_objection(facts)
    return Foresight(objection, facts.window_ends if objection is None else None)


async def read_facts(tx: Tx, contact: Contact) -> Facts:
    """The facts about one address of one debtor, in one statement."""
    row = await tx.row(_ONE, debtor=contact.debtor_id, address=contact.address_id, channel=contact.channel, portfolio=contact.portfolio)
    if row is None:
        raise LookupError(f"address {contact.address_id} does not exist")
    return _facts(row, contact.at or tx.now, contact.template)


async def read_many_facts(tx: Tx, debtors: Sequence[UUID], channels: Sequence[str]) -> dict[UUID, list[Facts]]:
    """The same facts as `read_facts`, of every address of many debtors on some channels, in one statement; those of a first choice first."""
    rows = await tx.rows(_MANY, debtors=list(debtors), channels=list(channels), portfolio=None)
    found: dict[UUID, list[Facts]] = {}
    for row in rows:
        found.setdefault(row.debtor_id, []).append(_facts(row, tx.now, None))
    return found


# Where a contact's creditor is not known, WhatsApp must be open to every creditor of the debtor. A stranger, who has none, may be anybody's:
# it must be open to all creditors, else whoever is recorded without debts could be written to for one who may not.
_FACTS = (
    "select d.id as debtor_id, d.zone, a.id as address_id, a.channel, a.deliverability, l.status as link_status,"
    " word.wording as opt_out_word, word.at as opt_out_word_at, other.source as opted_out_by, other.at as opted_out_at,"
    " doubt.at as opt_out_doubt_at,"
    " (select reason from kill_switch k where k.org_id = :org and k.channel in (a.channel, '*') and k.lifted_at is null limit 1) as killed,"
    " case when a.channel = 'whatsapp' or beside.reference then (select max(at) from contact_act w where w.org_id = a.org_id"
    " and w.address_id = a.id and w.direction = 'in') end as last_word_at, beside.reference,"
    " case when a.channel = 'whatsapp' then coalesce((select bool_or(not coalesce(c.whatsapp, c.first_party)) from creditor c where c.org_id = a.org_id"
    " and (c.id = :portfolio or cast(:portfolio as uuid) is null and c.id in"
    " (select b.creditor_id from debt b where b.org_id = a.org_id and b.debtor_id = d.id))),"
    " (select coalesce(bool_or(not coalesce(c.whatsapp, c.first_party)), true) from creditor c where c.org_id = a.org_id)) end as third_party,"
    " case when a.channel = 'whatsapp' and cast(:portfolio as uuid) is null"
    " and not exists (select from debt b where b.org_id = a.org_id and b.debtor_id = d.id) then true end as stranger"
)
# Who owes something themselves, or stands for a debt as co-debtor or guarantor, is no mere reference.
_BESIDE = (
    " left join lateral (select true as reference where exists (select from party p where p.org_id = d.org_id and p.debtor_id = d.id"
    " and p.role = 'reference') and not exists (select from party p where p.org_id = d.org_id and p.debtor_id = d.id"
    " and p.role in ('co_debtor', 'guarantor')) and not exists (select from debt b where b.org_id = d.org_id and b.debtor_id = d.id)) beside on true"
)
_OPT_OUTS = (
    " left join lateral (select wording, at from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source = 'word'"
    " and o.revoked_at is null order by at desc limit 1) word on true"
    " left join lateral (select source, at from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source not in ('word', 'doubt')"
    " and o.revoked_at is null order by at desc limit 1) other on true"
    " left join lateral (select o.at from address_link y join opt_out o on o.org_id = y.org_id and o.address_id = y.address_id and o.source = 'doubt'"
    " and o.revoked_at is null where y.org_id = d.org_id and y.debtor_id = d.id and y.status <> 'wrong_party' order by o.at desc limit 1) doubt on true"
)
_ONE = (
    f"{_FACTS} from debtor d join address a on a.org_id = d.org_id and a.id = :address and a.channel = :channel"
    f" left join address_link l on l.org_id = a.org_id and l.address_id = a.id and l.debtor_id = d.id{_BESIDE}{_OPT_OUTS}"
    " where d.org_id = :org and d.id = :debtor"
)
_MANY = (
    f"{_FACTS} from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id and a.channel = any(:channels)"
    f" join debtor d on d.org_id = l.org_id and d.id = l.debtor_id{_BESIDE}{_OPT_OUTS}"
    " where l.org_id = :org and l.debtor_id = any(:debtors)"
    " order by l.status = 'wrong_party', a.deliverability in ('invalid', 'hard_bounce'), l.created_at, l.id"
)


def _facts(row: Any, at: datetime, template: Prepared | None) -> Facts:  # noqa: ANN401 - a row of `_ONE` or `_MANY`
    return Facts(
        channel=row.channel,
        deliverability=row.deliverability,
        link_status=row.link_status or "wrong_party",
        opt_out_word=row.opt_out_word,
        opt_out_word_at=row.opt_out_word_at,
        opted_out_by=row.opted_out_by,
        opted_out_at=row.opted_out_at,
        opt_out_doubt_at=row.opt_out_doubt_at,
        killed=row.killed,
        at=at,
        last_word_at=row.last_word_at,
        third_party=row.third_party,
        stranger=row.stranger,
        reference=row.reference,
        zone=row.zone,
        template=template,
    )
