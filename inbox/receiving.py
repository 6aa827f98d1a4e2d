"""Receiving: a client's word becomes one timeline entry, once, in one transaction, before the carrier is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.crypto import PersonCipher
from base.db import Tx
from base.errors import Conflict, Raced
from base.ids import new_id
from channels.contract import Inbound, OptWord
from channels.phones import match_key
from compliance.acts import record_act
from compliance.optouts import is_start, is_stop, record_opt_out, revoke_opt_out
from debts.addresses import owners, record_address, record_deliverability
from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, Thread, append, lock_thread, touch_sharers

SEALED_UNDER = "raw_event"
WEBHOOK, LISTING = "webhook", "listing"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom an inbound word belongs to: the address it came from, and the locked thread of its owner."""

    address_id: UUID
    deliverability: str
    thread: Thread
    shared: bool = False


async def receive(tx: Tx, inbound: Inbound, raw: bytes, *, told_by: str = WEBHOOK) -> UUID | None:
    """Record a client's word; returns the entry's id, or None where it had been recorded before.

    `raw` is what the carrier said, as it came; it is kept sealed. The debtor is locked before duplicates are refused, so that ten copies
    at once leave one entry.
    """
    sender = await _find_sender(tx, inbound)
    entry = new_id()
    if not await _is_first(tx, inbound, raw, entry, sender.thread, told_by):
        return None
    await append(tx, sender.thread, _entry(inbound, entry), _message(inbound, sender), card=sender.deliverability != "good")
    await record_act(tx, sender.thread.debtor_id, entry, inbound.channel.value, "in")
    debtor = sender.thread.debtor_id
    facts = [audit.fact(f"carrier:{inbound.adapter}", "message.received", debtor, entry=entry, event=inbound.external_id)]
    if sender.deliverability != "good":
        await record_deliverability(tx, sender.address_id, "good")
    opted = await _heed_opt_words(tx, inbound, entry, sender)
    if opted is not None:
        facts.append(audit.fact("system:opt-out", f"address.{opted}", debtor, address=sender.address_id, entry=entry))
    await audit.record_all(tx, facts)
    if sender.shared and (opted is not None or sender.deliverability != "good"):
        await touch_sharers(tx, sender.address_id, but=sender.thread.conversation_id)
    return entry


async def _find_sender(tx: Tx, inbound: Inbound) -> Sender:
    index = tx.index("phone", match_key(inbound.sender))
    found = await owners(tx, inbound.channel.value, index)
    debtor = await _owner(tx, found)
    if debtor is not None:
        return Sender(found[0].address_id, found[0].deliverability, await lock_thread(tx, debtor), shared=len(found) > 1)
    return await _new_sender(tx, inbound, index)


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


async def _new_sender(tx: Tx, inbound: Inbound, index: bytes) -> Sender:
    """A provisional person in triage. Whoever inserts the address first makes the person; the others wait for that, then start again."""
    address, created = await record_address(tx, inbound.channel.value, index)
    if not created:
        await tx.run("select id from address where org_id = :org and id = :address for no key update", address=address)
        if await _owner(tx, await owners(tx, inbound.channel.value, index)) is not None:
            raise Raced("Somebody else recorded this sender at the same moment.")
    return Sender(address, "unproven", await _new_stranger(tx, address, inbound.sender), shared=not created)


async def _new_stranger(tx: Tx, address: UUID, dialable: str) -> Thread:
    """A person of whom we know nothing yet but the address they wrote from: key, link and conversation, in one statement."""
    debtor, link, conversation = new_id(), new_id(), new_id()
    key_name, wrapped = tx.cipher.new_person_key(tx.org, debtor)
    person = tx.person(debtor, key_name, wrapped)
    await tx.run(
        "with d as (insert into debtor (org_id, id, kind, created_at) values (:org, :debtor, 'provisional', :now)),"
        " k as (insert into person_key (org_id, person_id, key_name, wrapped, created_at) values (:org, :debtor, :key_name, :wrapped, :now)),"
        " l as (insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, status, since, created_at)"
        " values (:org, :link, :address, :debtor, :dialable, 'confirmed', :now, :now))"
        " insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_at, last_inbound_position,"
        " read_position, created_at) values (:org, :conversation, :debtor, 'triage', 1, 1, 0, '{}', :now, 0, 0, :now)",
        debtor=debtor,
        key_name=key_name,
        wrapped=wrapped,
        link=link,
        address=address,
        dialable=person.seal("address_link", link, "dialable", dialable),
        conversation=conversation,
    )
    return Thread(debtor, conversation, 1, "triage", [], None, None, person)


async def _is_first(tx: Tx, inbound: Inbound, raw: bytes, entry: UUID, thread: Thread, told_by: str) -> bool:
    """Take this carrier event for ours and keep its bytes. A second telling with other bytes is kept too, and flagged."""
    body_hash = hashlib.sha256(raw).digest()
    raw_id = new_id()
    values = {
        "adapter": inbound.adapter,
        "account": inbound.account,
        "external_id": inbound.external_id,
        "entry": entry,
        "raw_id": raw_id,
        "person": thread.debtor_id,
        "sealed": thread.person.seal_bytes(SEALED_UNDER, raw_id, "sealed", raw),
        "hash": body_hash,
        "told_by": told_by,
    }
    first = await tx.value(
        "with c as (insert into carrier_event (org_id, id, adapter, account, kind, external_id, state, entry_id, body_hash, at)"
        " values (:org, :entry, :adapter, :account, 'inbound', :external_id, 'received', :entry, :hash, :now)"
        " on conflict (org_id, adapter, account, kind, external_id, state) do nothing returning id)"
        " insert into raw_event (org_id, id, entry_id, person_id, sealed, body_hash, retention, at)"
        " select :org, :raw_id, :entry, :person, :sealed, :hash, :told_by, :now from c returning id",
        **values,
    )
    if first is not None:
        return True
    if told_by == WEBHOOK:
        await _keep_second_telling(tx, inbound, values)
    return False


async def _keep_second_telling(tx: Tx, inbound: Inbound, values: dict[str, Any]) -> None:
    """Other bytes are a contradiction, but not where the first ones came from the carrier's list and the webhook was only late."""
    known = await tx.row(
        "select entry_id, body_hash from carrier_event where org_id = :org and adapter = :adapter and account = :account and kind = 'inbound'"
        " and external_id = :external_id and state = 'received'",
        adapter=inbound.adapter,
        account=inbound.account,
        external_id=inbound.external_id,
    )
    if known is None:
        raise Conflict("The carrier event vanished while it was being compared.")
    kept = await tx.row(
        "insert into raw_event (org_id, id, entry_id, person_id, sealed, body_hash, flag, retention, at)"
        " select :org, :raw_id, :known, :person, :sealed, :hash, case when exists (select from raw_event where org_id = :org"
        " and entry_id = :known and retention = 'webhook') then 'other body' end, 'webhook', :now"
        " where not exists (select from raw_event where org_id = :org and entry_id = :known and body_hash = :hash) returning flag",
        known=known.entry_id,
        **{name: values[name] for name in ("raw_id", "person", "sealed", "hash")},
    )
    if kept is not None and kept.flag is not None:
        await audit.record(
            tx, f"carrier:{inbound.adapter}", "message.contradicted", values["person"], entry=known.entry_id, event=inbound.external_id
        )


def _entry(inbound: Inbound, entry: UUID) -> NewEntry:
    detail: dict[str, Any] = {}
    if inbound.media:
        detail["attachments"] = [{"content_type": media.content_type, "url": media.url} for media in inbound.media]
    return NewEntry(
        kind="message",
        id=entry,
        channel=inbound.channel.value,
        direction="in",
        text=clean(inbound.text),
        carrier_at=inbound.carrier_at,
        detail=detail,
    )


def _message(inbound: Inbound, sender: Sender) -> NewMessage:
    return NewMessage(state=State.RECEIVED, address_id=sender.address_id, adapter=inbound.adapter, carrier_id=inbound.external_id)


def clean(text: str) -> str:
    """Text that PostgreSQL and every screen can hold: without NUL, with lone surrogates replaced. The raw bytes are kept beside it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


async def _heed_opt_words(tx: Tx, inbound: Inbound, entry: UUID, sender: Sender) -> str | None:
    """An opt-out closes the address at once, an opt-in opens it again; both are written into the timeline. Returns which, where it is news."""
    if inbound.opt_word is OptWord.STOP or is_stop(inbound.text):
        news = await record_opt_out(tx, sender.address_id, "word", wording=clean(inbound.text)[:80], entry=entry)
        event = "opted_out"
    elif inbound.opt_word is OptWord.START or is_start(inbound.text):
        news = await revoke_opt_out(tx, sender.address_id)
        event = "opted_in"
    else:
        return None
    if not news:
        return None
    await append(tx, sender.thread, NewEntry(kind="event", channel=inbound.channel.value, detail={"event": event}))
    return event


async def quarantine(tx: Tx, door: str, raw: bytes, reason: str) -> UUID | None:
    """Keep a genuine request that cannot be recorded, where people see it; returns its id, or None where the same bytes wait already."""
    raw_id, body_hash = new_id(), hashlib.sha256(raw).digest()
    person = await _organisation_cipher(tx)
    kept: UUID | None = await tx.value(
        "with q as (insert into quarantine (org_id, id, door, reason, raw_id, body_hash, at) values (:org, :id, :door, :reason, :raw_id, :hash, :now)"
        " on conflict (org_id, door, body_hash) do nothing returning id),"
        " r as (insert into raw_event (org_id, id, person_id, sealed, body_hash, flag, retention, at)"
        " select :org, :raw_id, :org, :sealed, :hash, 'quarantine', 'webhook', :now from q) select id from q",
        id=new_id(),
        door=door,
        reason=reason,
        raw_id=raw_id,
        hash=body_hash,
        sealed=person.seal_bytes(SEALED_UNDER, raw_id, "sealed", raw),
    )
    if kept is not None:
        tx.changed("quarantine")
        # The reason stands in quarantine, not in the ledger: it may quote what the carrier sent.
        await audit.record(tx, "system:receiving", "request.quarantined", kept, door=door)
    return kept


async def _organisation_cipher(tx: Tx) -> PersonCipher:
    key = await tx.row("select key_name, wrapped from person_key where org_id = :org and person_id = :org")
    return tx.person(tx.org, key.key_name, key.wrapped) if key else await tx.new_person_key(tx.org)
