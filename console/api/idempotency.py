"""Idempotency-Key: for ever, per organisation and token's owner, the same key and body give the same resource.

The key's row is written in the transaction of the effect, so a twin that is under way is waited for by the database itself, and a request
that failed leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Request, Response

from base.audit import canonical
from base.db import Tx
from base.errors import InvalidField, Raced, Unavailable
from console.answers import PROBLEM
from inbox.access import Reader
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
_LONGEST_KEY = 255
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a POST made. `stored` is kept with the key and must hold no personal data; `body` is the answer, where it says more."""

    status: int
    stored: dict[str, Any] = field(default_factory=dict)
    body: Any = None


Effect = Callable[[Tx], Awaitable[Outcome]]
Replay = Callable[[Tx, dict[str, Any]], Awaitable[Any]]


async def once(product: Product, caller: Reader, request: AnyRequest, effect: Effect, replay: Replay | None = None) -> Response[bytes]:
    """Run `effect` in one transaction, unless its key has been used; then `replay` tells the body anew from what was stored.

    Raises `InvalidField` when the key came with another body.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and (not key.isprintable() or not 0 < len(key) <= _LONGEST_KEY):
        raise InvalidField("Idempotency-Key", "must be 1 to 255 printable characters")
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    for _ in range(_TRIES):
        try:
            async with product.work() as tx:
                return _answer(await _once(tx, caller, key, fingerprint, effect, replay))
        except Raced:
            continue
    raise Unavailable("Others write the same rows. Try again in a moment.")


async def _once(tx: Tx, caller: Reader, key: str | None, fingerprint: bytes, effect: Effect, replay: Replay | None) -> Outcome:
    if key is None:
        return await effect(tx)
    is_first = await tx.run(
        "insert into idempotency (org_id, owner_id, key, request_hash, created_at) values (:org, :owner, :key, :hash, :now) on conflict do nothing",
        owner=caller.agent_id,
        key=key,
        hash=fingerprint,
    )
    if not is_first:
        return await _again(tx, caller, key, fingerprint, replay)
    outcome = await effect(tx)
    await tx.run(
        "update idempotency set status = :status, stored = cast(:stored as jsonb) where org_id = :org and owner_id = :owner and key = :key",
        owner=caller.agent_id,
        key=key,
        status=outcome.status,
        stored=canonical(outcome.stored),
    )
    return outcome


async def _again(tx: Tx, caller: Reader, key: str, fingerprint: bytes, replay: Replay | None) -> Outcome:
    row = await tx.row(
        "select request_hash, status, stored from idempotency where org_id = :org and owner_id = :owner and key = :key",
        owner=caller.agent_id,
        key=key,
    )
    if row is None:
        raise Raced("The twin of this request gave up.")
    if bytes(row.request_hash) != fingerprint:
        raise InvalidField("Idempotency-Key", "was used before with another request; use a new key")
    return Outcome(row.status, row.stored, await replay(tx, row.stored) if replay else None)


def _answer(outcome: Outcome) -> Response[bytes]:
    body = outcome.stored if outcome.body is None else outcome.body
    media_type = PROBLEM if outcome.status >= 400 else "application/json"
    return Response(msgspec.json.encode(body), status_code=outcome.status, media_type=media_type)
