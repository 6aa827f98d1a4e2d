"""Conversations put off until a moment: they leave the lists, and come back when it is due, or at the client's next word."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.db import Tx
from base.errors import InvalidField, NotFound
from base.words import N_
from inbox.access import Reader
from inbox.moves import move, require_hold, require_open, require_seen, stand, standing_of
from inbox.notices import notify
from inbox.product import Product
from inbox.timeline import lock_thread

CHOICES: Final = ("1h", "3h", "tomorrow", "monday")
LONGEST: Final = timedelta(days=90)
BATCH: Final = 50
_MORNING: Final = time(9)
# "In an hour", pressed twice, is one moment.
_SAME: Final = timedelta(seconds=10)


def until(now: datetime, zone: str, choice: str, at: str = "") -> datetime:
    """The moment, in UTC, of one of `CHOICES`, or of ``at`` with a local date and time such as ``2026-11-30T15:00``, by the agent's clock.

    Raises `InvalidField` for what cannot be read, is over, or lies further away than `LONGEST`.
    """
    local = now.astimezone(_zone(zone))
    if choice in ("1h", "3h"):
        return now + timedelta(hours=int(choice[0]))
    if choice == "tomorrow":
        return datetime.combine(local.date() + timedelta(days=1), _MORNING, local.tzinfo).astimezone(UTC)
    if choice == "monday":
        return datetime.combine(local.date() + timedelta(days=7 - local.weekday()), _MORNING, local.tzinfo).astimezone(UTC)
    if choice != "at":
        raise InvalidField("until", N_("choose until when"))
    try:
        chosen = datetime.fromisoformat(at).replace(tzinfo=local.tzinfo)
    except ValueError as error:
        raise InvalidField("at", N_("give a date and a time")) from error
    if not now < chosen <= now + LONGEST:
        raise InvalidField("at", N_("choose a moment within the next 90 days"))
    return chosen.astimezone(UTC)


def choices(now: datetime, zone: str) -> list[tuple[str, datetime]]:
    """The `CHOICES` with their moments, each moment once: on a Sunday tomorrow is Monday."""
    found: dict[datetime, str] = {}
    for choice in CHOICES:
        found.setdefault(until(now, zone, choice), choice)
    return [(choice, moment) for moment, choice in found.items()]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


async def snooze(tx: Tx, reader: Reader, debtor: UUID, moment: datetime, *, seen: int | None = None) -> UUID | None:
    """Put a conversation off; one that nobody attends becomes the reader's, so that it comes back to somebody.

    `seen` is the revision that the reader had seen. Returns the event's id, None where it sleeps until then already. Raises `Conflict` where a
    colleague attends it, it is closed, or the client wrote since `seen`.
    """
    standing = await stand(tx, reader, debtor)
    await require_hold(tx, reader, standing.owner)
    require_open(standing)
    asleep = standing.values["snoozed_until"]
    if asleep is not None and abs(asleep - moment) < _SAME:
        return None
    require_seen(standing, seen)
    changes = {"snoozed_until": moment, "assigned_agent_id": standing.owner or reader.agent_id, "team_id": None}
    return await move(tx, reader, standing, "snoozed", changes, {"until": moment.isoformat()})


async def wake(tx: Tx, reader: Reader, debtor: UUID) -> UUID | None:
    """Bring a snoozed conversation back at once. Returns the event's id, None where it does not sleep."""
    standing = await stand(tx, reader, debtor)
    await require_hold(tx, reader, standing.owner)
    if standing.values["snoozed_until"] is None:
        return None
    return await move(tx, reader, standing, "unsnoozed", {"snoozed_until": None})


async def wake_due(product: Product) -> int:
    """Wake every conversation whose moment has come, each in a unit of its own; returns how many. Two workers at once wake each once."""
    async with product.db.transaction() as tx:
        due = await tx.rows(
            "select debtor_id from conversation where org_id = :org and snoozed_until <= :now and snoozed_until is not null"
            " order by snoozed_until limit :batch",
            batch=BATCH,
        )
    woken = 0
    for row in due:
        async with product.work() as tx:
            woken += await _wake_one(tx, row.debtor_id)
    return woken


async def _wake_one(tx: Tx, debtor: UUID) -> bool:
    """Under the lock it is asked again: another worker, the client or an agent may have been faster."""
    try:
        thread = await lock_thread(tx, debtor)
    except NotFound:
        return False
    standing = await standing_of(tx, thread)
    moment = standing.values["snoozed_until"]
    if moment is None or moment > tx.now:
        return False
    await move(tx, None, standing, "woke", {"snoozed_until": None})
    if standing.owner is not None and standing.state in ("open", "triage"):
        await notify(tx, standing.owner, "woke", thread.conversation_id)
    return True
