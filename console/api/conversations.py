"""Conversations over the API, and the clock that tests of law and time move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from base import audit, beats
from base.audit import stamp
from base.db import Tx
from base.errors import NotFound
from console.api.creditors import require_role
from console.api.debtors import page_size
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.shapes import ClockIn, moment, uuid
from console.cursors import read_cursor, write_cursor
from inbox import lists
from inbox.access import Reader
from inbox.product import Product
from staff.models import Role


@get("/api/v1/conversations")
async def list_conversations(
    product: Product,
    caller: Reader,
    wanted: Annotated[Literal["open", "triage", "closed"] | None, Parameter(query="state")] = None,
    assigned: UUID | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Conversations, the newest first; `next` is the cursor of the following page, or null."""
    limit = page_size(limit)
    before = None
    if cursor is not None:
        at, last = read_cursor(cursor, 2)
        before = (moment(at, "cursor"), uuid(last, "cursor"))
    async with product.db.transaction() as tx:
        rows = await lists.page(tx, caller, state=wanted, assigned=assigned, before=before, limit=limit + 1)
    following = write_cursor(stamp(rows[limit - 1].last_at.astimezone(UTC)), str(rows[limit - 1].id)) if len(rows) > limit else None
    return {"items": [_conversation_json(row) for row in rows[:limit]], "next": following}


def _conversation_json(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "id": str(row.id),
        "debtor_id": str(row.debtor_id),
        "state": row.state,
        "revision": row.revision,
        "assigned": None if row.assigned_agent_id is None else str(row.assigned_agent_id),
        "unread": row.unread,
        "last_at": stamp(row.last_at),
    }


@post("/api/v1/clock", status_code=200)
async def move_clock(request: AnyRequest, data: ClockIn, product: Product, caller: Reader) -> Response[bytes]:
    """Move the product's clock in all its processes; it goes on from there. Only with the simulator: a live installation has no such door."""
    if not product.settings.simulated:
        raise NotFound
    require_role(caller, Role.ADMIN)
    now = data.now if data.now is None or data.now.tzinfo else data.now.replace(tzinfo=UTC)

    moves: list[datetime | None] = []

    async def effect(tx: Tx) -> Outcome:
        moves.append(now)
        await audit.record(tx, f"agent:{caller.agent_id}", "clock.moved", None, to=now)
        return Outcome(200, {"now": None if now is None else stamp(now)})

    answer = await once(product, caller, request, effect)
    if moves:
        await beats.move_clock(product.db, now)
    return answer
