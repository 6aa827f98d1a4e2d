"""The worker: sweeps the outbox every second with or without Redis, answers arq's bell, reconciles with carriers, and seals the ledger."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from arq.connections import RedisSettings
from arq.worker import Worker, func
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.exceptions import RedisError

from base import audit
from base.beats import Heart
from base.clock import Clock
from base.crypto import Cipher
from base.db import Database
from base.errors import TratoError
from base.log import log
from inbox.bell import JOB, QUEUE, from_bytes, to_bytes
from inbox.delivery import BATCH, claim, deliver, settle_orphans
from inbox.fetching import fetch_due
from inbox.holding import withhold_closed
from inbox.indexing import index_due
from inbox.outcomes import Claim
from inbox.product import Product
from inbox.reconciling import give_up, reconcile
from inbox.registering import register_due, sync_registered
from inbox.snoozing import wake_due

SWEEP_SECONDS = 1.0
RECONCILE_SECONDS = 60.0
INDEX_SECONDS = 60.0
SIMULATED_RECONCILE_SECONDS = 5.0
REGISTER_SECONDS = 2.0
SEAL_SECONDS = 0.5
_BELL_TIMEOUT = 5
_AT_ONCE = 100
_AFTER_ERROR_SECONDS = 0.5
_FINISH_WITHIN = 20.0


async def work_until(product: Product, stop: asyncio.Event) -> None:
    """Run every part of the worker until `stop`; then finish the calls that were begun, for at most twenty seconds.

    Each part survives errors of its own and reports them.
    """
    simulated = product.settings.simulated
    heart = Heart(product.db, "worker", seconds=0.25 if simulated else 2.0)
    dispatcher = Dispatcher(product)
    sequencer = Database(
        product.settings.sequencer_database_url, Clock(), Cipher(product.settings.keys, product.settings.index_key), pool_size=1
    )
    sequencer.org = product.db.org
    key = audit.private_key(product.settings.ledger_key)
    parts = [
        asyncio.create_task(heart.beat_for_ever()),
        asyncio.create_task(_every(0.0, "dispatch", dispatcher.dispatch)),
        asyncio.create_task(_every(SWEEP_SECONDS, "orphans", lambda: settle_orphans(product))),
        asyncio.create_task(_every(SWEEP_SECONDS, "holding", lambda: withhold_closed(product))),
        asyncio.create_task(_every(SWEEP_SECONDS, "snoozes", lambda: wake_due(product))),
        asyncio.create_task(_every(SWEEP_SECONDS, "attachments", lambda: fetch_due(product))),
        asyncio.create_task(
            _every(SIMULATED_RECONCILE_SECONDS if simulated else RECONCILE_SECONDS, "reconcile", lambda: reconcile_all(product))
        ),
        asyncio.create_task(_every(INDEX_SECONDS, "indexing", lambda: index_due(product))),
        asyncio.create_task(_every(REGISTER_SECONDS, "register", lambda: register_due(product))),
        asyncio.create_task(
            _every(SIMULATED_RECONCILE_SECONDS if simulated else RECONCILE_SECONDS, "approvals", lambda: sync_registered(product))
        ),
        asyncio.create_task(_every(SEAL_SECONDS, "seal", lambda: seal(sequencer, key))),
        asyncio.create_task(_answer_bells(product, dispatcher)),
    ]
    await stop.wait()
    for part in parts:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
    await dispatcher.finish()
    with contextlib.suppress(TratoError):
        await heart.stop()
    await sequencer.close()


class Dispatcher:
    """Claims what is due and delivers it, up to a hundred messages at once; a bell or a second's silence makes it look again."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._rung = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """Look at the outbox now."""
        self._rung.set()

    async def dispatch(self) -> None:
        """One look at the outbox, and a wait for the next reason to look."""
        if len(self._under_way) >= _AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        limit = min(BATCH, _AT_ONCE - len(self._under_way))
        async with self._product.work() as tx:
            claims = await claim(tx, limit)
        for one in claims:
            task = asyncio.create_task(self._deliver(one))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if len(claims) == limit:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._rung.wait()
        self._rung.clear()

    async def _deliver(self, one: Claim) -> None:
        try:
            await deliver(self._product, one)
        except TratoError as error:
            log.warning("delivery.broken_off", message=str(one.message_id), reason=str(error))
        except Exception:  # noqa: BLE001 - the edge of one delivery: reported; its lease ends, and the orphan is settled
            log.exception("delivery.error", message=str(one.message_id))

    async def finish(self) -> None:
        """Wait for the calls that were begun."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FINISH_WITHIN)


async def reconcile_all(product: Product) -> None:
    """Walk every carrier's list once: one that carries several channels has one list."""
    for adapter in product.carriers:
        found, settled = await reconcile(product, adapter)
        if found or settled:
            log.info("reconcile.done", adapter=adapter.name, found=found, settled=settled)
    await give_up(product)


async def seal(sequencer: Database, key: Ed25519PrivateKey) -> None:
    """Give every waiting audit row its place in the ledger."""
    while True:
        async with sequencer.transaction() as tx:
            if await audit.seal(tx, key) == 0:
                return


async def _every(seconds: float, name: str, part: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await part()
        except TratoError as error:
            log.warning("worker.waits", part=name, reason=str(error))
            await asyncio.sleep(_AFTER_ERROR_SECONDS)
        except Exception:  # noqa: BLE001 - the edge of a part: reported, and tried again
            log.exception("worker.error", part=name)
            await asyncio.sleep(_AFTER_ERROR_SECONDS)
        await asyncio.sleep(seconds)


async def _answer_bells(product: Product, dispatcher: Dispatcher) -> None:
    """arq's own loop ends when Redis does: start it again, for ever."""
    while True:
        worker = _arq_worker(product, dispatcher)
        try:
            await worker.main()
        except (RedisError, OSError) as error:
            log.info("worker.bell_lost", reason=type(error).__name__)
        except Exception:  # noqa: BLE001 - the edge of arq's loop: reported; the sweep delivers meanwhile
            log.exception("worker.bell_error")
        finally:
            with contextlib.suppress(RedisError, OSError):
                await worker.close()
        await asyncio.sleep(0.5)


def _arq_worker(product: Product, dispatcher: Dispatcher) -> Worker:
    async def ring(_context: dict[Any, Any]) -> None:
        dispatcher.ring()

    settings = RedisSettings.from_dsn(product.settings.redis_url)
    settings.conn_retries = 0
    return Worker(
        functions=[func(ring, name=JOB, keep_result=0, timeout=_BELL_TIMEOUT, max_tries=1)],  # type: ignore[arg-type]
        redis_settings=settings,
        queue_name=QUEUE,
        handle_signals=False,
        poll_delay=0.02,
        keep_result=0,
        max_jobs=4,
        retry_jobs=False,
        job_serializer=to_bytes,
        job_deserializer=from_bytes,
    )
