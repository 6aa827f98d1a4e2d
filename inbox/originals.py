"""What carriers said, as they said it: each telling is known for ever, its bytes are kept sealed, and what cannot be read is kept where people see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base import audit
from base.crypto import PersonCipher
from base.db import Tx
from base.errors import Conflict
from base.ids import new_id
from channels.contract import Inbound
from compliance.acts import HEARD_ONCE
from inbox.timeline import Thread

SEALED_UNDER = "raw_event"
WEBHOOK, LISTING = "webhook", "listing"


@dataclass(frozen=True, slots=True)
class First:
    """That a word was told for the first time; `reply_to` is the entry that it quotes, where that is in the same conversation."""

    reply_to: UUID | None


async def take_first(tx: Tx, inbound: Inbound, raw: bytes, entry: UUID, thread: Thread, address: UUID, told_by: str) -> First | None:
    """Take this carrier event for ours, count it as a contact and keep its bytes; None where it had been told before.

    A second telling with other bytes is kept too, and flagged.
    """
    raw_id = new_id()
    values = {
        "adapter": inbound.adapter,
        "account": inbound.account,
        "external_id": inbound.external_id,
        "entry": entry,
        "raw_id": raw_id,
        "person": thread.debtor_id,
        "sealed": thread.person.seal_bytes(SEALED_UNDER, raw_id, "sealed", raw),
        "hash": hashlib.sha256(raw).digest(),
        "told_by": told_by,
    }
    kept = await tx.row(
        _FIRST,
        **values,
        act=new_id(),
        address=address,
        channel=inbound.channel.value,
        conversation=thread.conversation_id,
        quoted=inbound.replies_to,
        carrier_at=inbound.carrier_at,
    )
    if kept is not None:
        return First(kept.reply_to)
    if told_by == WEBHOOK:
        await _keep_second_telling(tx, inbound, values)
    return None


_FIRST = (
    "with first as (insert into carrier_event (org_id, id, adapter, account, kind, external_id, state, entry_id, body_hash, at)"
    " values (:org, :entry, :adapter, :account, 'inbound', :external_id, 'received', :entry, :hash, :now)"
    " on conflict (org_id, adapter, account, kind, external_id, state) do nothing returning id),"
    f" act as ({HEARD_ONCE})"
    " insert into raw_event (org_id, id, entry_id, person_id, sealed, body_hash, retention, at)"
    " select :org, :raw_id, :entry, :person, :sealed, :hash, :told_by, :now from first"
    " returning id, (select q.id from message q where q.org_id = :org and q.adapter = :adapter and q.carrier_id = cast(:quoted as text)"
    " and q.conversation_id = :conversation limit 1) as reply_to"
)


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
