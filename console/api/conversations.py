"""Conversations over the API, and the clock that tests of law and time move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from base import audit, beats
from base.audit import stamp
from base.db import Tx
from base.errors import InvalidField, NotFound
from console.api.debtors import page_size
from console.api.idempotency import AnyRequest, Outcome, once
from console.api.resources import Clock, Conversation, Conversations, answers
from console.api.shapes import ClockIn, moment, uuid
from console.cursors import read_cursor, write_cursor
from inbox import lists
from inbox.access import Reader
from inbox.product import Product
from staff.models import Role

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@get("/api/v1/conversations", responses=answers(422))
async def list_conversations(
    product: Product,
    caller: Reader,
    wanted: Annotated[Literal["open", "triage", "closed"] | None, Parameter(query="state")] = None,
    assigned: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Conversations:
    """Conversations, the newest first, of one state and assigned to one agent (by id) where that is asked."""
    limit = page_size(limit)
    agent = uuid(assigned, "assigned") if assigned else None
    before = None
    if cursor is not None:
        at, last = read_cursor(cursor, 2)
        before = (moment(at, "cursor"), uuid(last, "cursor"))
    async with product.db.transaction() as tx:
        rows = await lists.page(tx, caller, state=wanted, assigned=agent, before=before, limit=limit + 1)
    following = write_cursor(stamp(rows[limit - 1].last_at.astimezone(UTC)), str(rows[limit - 1].id)) if len(rows) > limit else None
    return Conversations(items=[_tell_conversation(row) for row in rows[:limit]], next=following)


def _tell_conversation(row: Any) -> Conversation:  # noqa: ANN401 - a row
    return Conversation(
        id=str(row.id),
        debtor_id=str(row.debtor_id),
        state=row.state,
        revision=row.revision,
        assigned=None if row.assigned_agent_id is None else str(row.assigned_agent_id),
        unread=row.unread,
        last_at=stamp(row.last_at),
    )


def only_simulated(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A live installation has no such door. Raises `NotFound` before anything of the request is looked at."""
    if not connection.app.state.settings.simulated:
        raise NotFound


@post("/api/v1/clock", status_code=200, guards=[only_simulated], responses=answers(404, 422, ok=Clock))
async def move_clock(request: AnyRequest, data: ClockIn, product: Product, caller: Reader) -> Response[bytes]:
    """Move the product's clock in all its processes; it goes on from there. For admins, and only with the simulator."""
    if caller.role is not Role.ADMIN:
        raise NotFound
    now = _reasonable(data.now)

    async def effect(tx: Tx) -> Outcome:
        await beats.shift_clock(tx, now)
        await audit.record(tx, f"agent:{caller.agent_id}", "clock.moved", None, to=now)
        return Outcome(200, {"now": None if now is None else stamp(now)})

    answer = await once(product, caller, request, effect)
    await beats.until_all_follow(product.db)
    return answer


def _reasonable(now: datetime | None) -> datetime | None:
    """In UTC. Far from our time, dates that are counted on from there would leave the calendar."""
    if now is None:
        return None
    at = now if now.tzinfo else now.replace(tzinfo=UTC)
    if not _EARLIEST <= at <= _LATEST:
        raise InvalidField("now", "must be a moment between 2000 and 2100")
    return at.astimezone(UTC)
