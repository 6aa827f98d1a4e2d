"""Fetches what clients attached: claim, commit, ask the carrier, look at what came, seal it, record it. A file that is not there yet is asked for again."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from uuid import UUID

from base import audit
from base.db import Tx
from base.log import log
from base.words import N_
from channels.contract import Adapter, Fetched, Refused, TryAgain
from inbox import filetypes
from inbox.product import Product
from inbox.states import revise
from inbox.timeline import conversation_topic, lock_thread

BATCH = 4
LEASE_SECONDS = 120
# A carrier may tell of a file seconds before it has it.
_RETRY_SECONDS = (1, 2, 5, 15, 60, 300, 1800)
_PATIENCE = 5
_GONE_FOR_GOOD = ("media-size", "media-host", "media-encoding")
NO_CARRIER = N_("No carrier is connected that keeps this file.")
NOT_REACHED = N_("The carrier did not hand over this file.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that this worker alone asks for, while `attempt` is the attachment's newest."""

    id: UUID
    entry_id: UUID
    person_id: UUID
    attempt: int
    adapter: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it will be kept."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no file: an English msgid; `again` where a later try may help."""

    reason: str
    again: bool


async def fetch_due(product: Product, limit: int = BATCH) -> int:
    """Fetch what is due; returns how many files were claimed. Safe in any number of workers: a lost one's lease ends and another asks."""
    async with product.work() as tx:
        wanted = await claim_files(tx, limit)
    results = await asyncio.gather(*(_fetch(product, one) for one in wanted), return_exceptions=True)
    for one, result in zip(wanted, results, strict=True):
        if isinstance(result, BaseException):
            log.error("attachment.failed", attachment=str(one.id), error=type(result).__name__)
    return len(wanted)


async def claim_files(tx: Tx, limit: int) -> list[Wanted]:
    """Take files for this worker; the claim ends by itself."""
    rows = await tx.rows(
        "with due as (select id from attachment where org_id = :org and state = 'pending' and entry_id is not null and source_url is not null"
        " and (retry_at is null or retry_at <= clock_timestamp()) order by retry_at nulls first limit :limit for update skip locked)"
        " update attachment x set attempts = x.attempts + 1, retry_at = clock_timestamp() + make_interval(secs => :lease) from due"
        " where x.org_id = :org and x.id = due.id returning x.id, x.entry_id, x.person_id, x.attempts, x.adapter, x.source_url",
        limit=limit,
        lease=LEASE_SECONDS,
    )
    return [Wanted(row.id, row.entry_id, row.person_id, row.attempts, row.adapter, row.source_url) for row in rows]


async def _fetch(product: Product, wanted: Wanted) -> None:
    answer = await _ask(product, wanted)
    outcome = answer if isinstance(answer, Missing) else await _looked_at(answer)
    async with product.work() as tx:
        await record_file(tx, wanted, outcome)


async def _ask(product: Product, wanted: Wanted) -> Fetched | Missing:
    adapter: Adapter | None = next((one for one in product.adapters.values() if one.name == wanted.adapter), None)
    if adapter is None:
        return Missing(NO_CARRIER, again=False)
    try:
        return await adapter.fetch(wanted.url, filetypes.MOST_BYTES)
    except Refused as refused:
        return Missing(refused.error.reason, again=wanted.attempt <= _PATIENCE and refused.error.code not in _GONE_FOR_GOOD)
    except TryAgain:
        return Missing(NOT_REACHED, again=wanted.attempt <= len(_RETRY_SECONDS))


async def _looked_at(fetched: Fetched) -> Found | Missing:
    kind = filetypes.type_of(fetched.content, fetched.content_type)
    if kind not in filetypes.PICTURES:
        return Found(fetched.content, kind)
    try:
        return Found(*await asyncio.to_thread(filetypes.made_anew, fetched.content))
    except filetypes.BadPicture as error:
        return Missing(str(error), again=False)


async def record_file(tx: Tx, wanted: Wanted, outcome: Found | Missing) -> None:
    """Write down what came of asking, and show it; only the worker that still holds the claim may."""
    if isinstance(outcome, Missing) and outcome.again:
        await _postpone(tx, wanted)
        return
    debtor = await tx.value(
        "select c.debtor_id from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id where e.org_id = :org and e.id = :entry",
        entry=wanted.entry_id,
    )
    if debtor is None:
        return
    thread = await lock_thread(tx, debtor)
    held = await (_keep(tx, wanted, outcome) if isinstance(outcome, Found) else _give_up(tx, wanted, outcome))
    if not held:
        return
    await revise(tx, wanted.entry_id)
    tx.changed(conversation_topic(thread.conversation_id))
    action = "attachment.kept" if isinstance(outcome, Found) else "attachment.failed"
    await audit.record(tx, "system:attachments", action, debtor, attachment=wanted.id, entry=wanted.entry_id)


async def _keep(tx: Tx, wanted: Wanted, found: Found) -> bool:
    key = await tx.row("select key_name, wrapped from person_key where org_id = :org and person_id = :person", person=wanted.person_id)
    if key is None:
        return False
    person = tx.person(wanted.person_id, key.key_name, key.wrapped)
    return bool(
        await tx.run(
            "with x as (update attachment set state = 'kept', content_type = :type, size = :size, sha256 = :hash, retry_at = null, error = null"
            " where org_id = :org and id = :id and state = 'pending' and attempts = :attempt returning id)"
            " insert into blob (org_id, id, sealed) select :org, x.id, :sealed from x",
            id=wanted.id,
            attempt=wanted.attempt,
            type=found.content_type,
            size=len(found.content),
            hash=hashlib.sha256(found.content).digest(),
            sealed=person.seal_bytes("blob", wanted.id, "sealed", found.content),
        )
    )


async def _give_up(tx: Tx, wanted: Wanted, missing: Missing) -> bool:
    return bool(
        await tx.run(
            "update attachment set state = 'failed', error = :error, retry_at = null where org_id = :org and id = :id and state = 'pending'"
            " and attempts = :attempt",
            id=wanted.id,
            attempt=wanted.attempt,
            error=missing.reason,
        )
    )


async def _postpone(tx: Tx, wanted: Wanted) -> None:
    await tx.run(
        "update attachment set retry_at = clock_timestamp() + make_interval(secs => :wait) where org_id = :org and id = :id and state = 'pending'"
        " and attempts = :attempt",
        id=wanted.id,
        attempt=wanted.attempt,
        wait=_RETRY_SECONDS[min(wanted.attempt, len(_RETRY_SECONDS)) - 1],
    )
