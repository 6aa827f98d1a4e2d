"""Heartbeats: each process says every two seconds that it lives, and learns in the same statement how the product's clock was moved."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from base.db import Database, Tx
from base.errors import TratoError, Unavailable
from base.ids import new_id
from base.log import log

LIVE_SECONDS = 30
_MOVED_WITHIN = 8.0


class Heart:
    """The heartbeat of one process of some `kind` (web or worker)."""

    def __init__(self, db: Database, kind: str, *, seconds: float) -> None:
        self.process = new_id()
        self._db = db
        self._kind = kind
        self._seconds = seconds
        self._swept = False

    async def beat_for_ever(self) -> None:
        """Beat until cancelled, whatever goes wrong with one beat: a process whose heart stopped counts as dead and no longer follows the clock."""
        while True:
            try:
                await self.beat()
            except TratoError:
                log.warning("heart.missed", kind=self._kind)
            except Exception:  # noqa: BLE001 - the edge of one beat: reported, and the next one is tried
                log.exception("heart.error", kind=self._kind)
            await asyncio.sleep(self._seconds)

    async def beat(self) -> None:
        """Say that this process lives, and adopt the clock's shift."""
        async with self._db.transaction() as tx:
            shift = await tx.row("select microseconds, version from clock_shift where org_id = :org")
            clock = self._db.clock
            microseconds, version = (shift.microseconds, shift.version) if shift else (0, 0)
            if version != clock.version:
                clock.adopt(timedelta(microseconds=microseconds), version)
            await tx.run(
                "insert into beat (org_id, process, kind, at, clock_version) values (:org, :process, :kind, clock_timestamp(), :version)"
                " on conflict (org_id, process) do update set at = excluded.at, clock_version = excluded.clock_version",
                process=self.process,
                kind=self._kind,
                version=clock.version,
            )
            if not self._swept:
                await tx.run("delete from beat where org_id = :org and at < clock_timestamp() - interval '1 hour'")
        self._swept = True

    async def stop(self) -> None:
        """Take this process off the list, so that nobody waits for it."""
        async with self._db.transaction() as tx:
            await tx.run("delete from beat where org_id = :org and process = :process", process=self.process)


async def alive(tx: Tx, kind: str) -> int:
    """How many processes of a kind were heard of in the last `LIVE_SECONDS`."""
    return int(
        await tx.value(
            "select count(*) from beat where org_id = :org and kind = :kind and at > clock_timestamp() - make_interval(secs => :secs)",
            kind=kind,
            secs=LIVE_SECONDS,
        )
    )


async def shift_clock(tx: Tx, now: datetime | None) -> None:
    """Move the product's clock so that it says `now` and goes on from there, or let it go. Others follow with their next heartbeat."""
    shift = timedelta(0) if now is None else now - await tx.value("select clock_timestamp()")
    await tx.run(
        "insert into clock_shift (org_id, microseconds, version) values (:org, :shift, 1)"
        " on conflict (org_id) do update set microseconds = excluded.microseconds, version = clock_shift.version + 1",
        shift=shift // timedelta(microseconds=1),
    )


async def until_all_follow(db: Database) -> None:
    """Return when all live processes go by the clock's newest shift.

    Raises `Unavailable` when a process that lives has not followed within eight seconds.
    """
    try:
        async with asyncio.timeout(_MOVED_WITHIN):
            while await _stragglers(db):  # noqa: ASYNC110 - they are other processes
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise Unavailable("Not every process has taken over the clock yet. Ask again in a moment.") from error


async def _stragglers(db: Database) -> int:
    async with db.transaction() as tx:
        return int(
            await tx.value(
                "select count(*) from beat b join clock_shift c on c.org_id = b.org_id where b.org_id = :org"
                " and b.at > clock_timestamp() - interval '5 seconds' and b.clock_version <> c.version",
            )
        )
