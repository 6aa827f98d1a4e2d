"""The carrier itself: accepts the product's messages, lets each live through its states, and tells the product of them."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec.structs

from simulator.calling import Call, Caller
from simulator.clock import Clock
from simulator.config import Config
from simulator.errors import TwilioError
from simulator.fetching import Fetcher
from simulator.files import new_file
from simulator.records import Message
from simulator.resource import API_VERSION, error_words
from simulator.review import review_due
from simulator.scenarios import Plan, Scenarios
from simulator.store import Store
from simulator.whatsapp import receipt_parameters, refusal_of

log = logging.getLogger("simulator")
# These end a message before it ever left; other errors come back from the network after it was sent.
FAILED_BEFORE_SENDING = (11200, 12300, 21610, 30001, 30002, 30036, 63007, 63016, 63019, 63021, 63028)
COURSE = ("queued", "accepted", "scheduled", "sent", "delivered", "read")
FORGE = {"good": "", "bad": "signature", "old_token": "old_token", "fragment": "fragment"}
FLUSH_EVERY = 0.25


class Carrier:
    """One simulated account with its record, its rules and its running messages."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.rng = random.Random(config.seed)
        self.scenarios = Scenarios(random.Random(config.seed + 1))
        self.store = Store(config.folder)
        self.clock = Clock(float(self.store.setting("clock shift") or 0))
        self.caller = Caller(config, self.store)
        self.fetcher = Fetcher(self.store)
        self.trickle = config.trickle
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loops: set[asyncio.Task[Any]] = set()
        self._on_delivered: list[Callable[[Message], None]] = []

    async def start(self) -> None:
        """Take up the messages whose course the end of the last process cut off."""
        for message in self.store.unfinished(self.clock.now()):
            self.spawn(self.live(message))
        self.keep_running(self._flush_often())

    async def stop(self) -> None:
        """End everything that runs and close the record."""
        running = [*self._tasks, *self._loops]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.caller.close()
        await self.fetcher.close()
        self.store.close()

    @property
    def under_way(self) -> int:
        """How many things still happen on their own: messages before their end, receipts and clients' words before their answer."""
        return len(self._tasks)

    def when_delivered(self, listener: Callable[[Message], None]) -> None:
        """Call `listener` with every message that reaches a client's phone."""
        self._on_delivered.append(listener)

    def switch_trickle(self, on: bool) -> None:
        """Let clients write on their own, or no longer."""
        self.trickle = on

    def move_clock(self, shift: float) -> None:
        """Let the carrier's clock stand `shift` seconds before or behind this machine's, durably."""
        self.clock.shift = shift
        self.store.set("clock shift", str(shift))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the requests until it ends or the simulator stops; what fails is logged."""
        return self._run(work, self._tasks)

    def keep_running(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something for as long as the simulator runs."""
        self._run(work, self._loops)

    def accept(self, message: Message) -> Message:
        """Take a message durably and start its course. Raises `TwilioError` 21610 when the client opted out at the carrier."""
        if self.store.opted_out(message.recipient, message.sender or self._pool_sender(message)):
            raise TwilioError(21610, message.recipient)
        plan = self.scenarios.take_plan(message.recipient, message.body)
        fault = refusal_of(self.store, self.config, message)
        message = replace(message, plan=msgspec.to_builtins(plan) | ({"error_code": fault} if fault else {}) | message.plan)
        self.store.files.add(new_file(message.sid, at, "application/octet-stream", url=url) for at, url in enumerate(message.media))
        message = self.store.accept(message)
        if not plan.before_answer:
            self.spawn(self.live(message))
        return message

    async def live(self, message: Message) -> None:
        """Let a message reach its end: its states by the clock, its receipts in their order, one after another."""
        plan = msgspec.convert(message.plan, Plan)
        if message.media and not plan.error_code and message.status not in ("sent", "delivered"):
            plan = msgspec.structs.replace(plan, error_code=await self.fetcher.collect(message))
        held = list[Call]()
        telling: asyncio.Task[Any] | None = None
        for status, due, code in self._steps(message, plan):
            await asyncio.sleep(0 if plan.before_answer else max(0.0, message.created_at + due - self.clock.now()))
            message = replace(message, sender=message.sender or self._pool_sender(message))
            message = self.store.advance(message, status, self.clock.now(), code)
            call = self._receipt(message, plan)
            if call is not None:
                held.append(call)
                if not plan.reversed:
                    telling = self.spawn(self._tell([held.pop()], plan, telling))
            if status == "delivered":
                for listener in self._on_delivered:
                    listener(message)
        if held:
            telling = self.spawn(self._tell(held[::-1], plan, telling))
        if plan.before_answer and telling is not None:
            await telling

    def _pool_sender(self, message: Message) -> str:
        """Which of our senders a Messaging Service takes."""
        return f"whatsapp:{self.config.whatsapp_sender}" if message.channel == "whatsapp" else self.config.sender

    def _steps(self, message: Message, plan: Plan) -> list[tuple[str, float, int | None]]:
        """States still to come, seconds after acceptance, with the error they carry."""
        first, last = plan.held + self.config.sent_after, plan.held + self.config.delivered_after
        if plan.held > message.validity_period and message.status != "scheduled":
            return [("failed", message.validity_period, 30036)]
        if plan.error_code in FAILED_BEFORE_SENDING:
            return [("failed", first, plan.error_code)]
        steps: list[tuple[str, float, int | None]] = [("sent", first, None), ("delivered", last, None)]
        if plan.error_code:
            steps[1] = ("undelivered", last, plan.error_code)
        elif message.channel == "whatsapp" and self._reads(message, plan):
            steps.append(("read", last + self.config.read_after, None))
        return [step for step in steps if step[0] not in COURSE or COURSE.index(step[0]) > COURSE.index(message.status)]

    def _reads(self, message: Message, plan: Plan) -> bool:
        if plan.read is not None:
            return plan.read
        return self.store.phones.get(self.store.phones.owner_of(message.recipient)).read_receipts

    async def _tell(self, calls: list[Call], plan: Plan, before: asyncio.Task[Any] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        await asyncio.sleep(plan.late)
        for call in calls:
            await asyncio.gather(*(self.caller.call_when_going(call) for _ in range(plan.doubled)))

    def _receipt(self, message: Message, plan: Plan) -> Call | None:
        if not message.status_callback or plan.never:
            return None
        parameters = [(name, message.sid) for name in ("MessageSid", "SmsSid")]
        parameters += [(name, message.status) for name in ("MessageStatus", "SmsStatus")]
        parameters += [("From", message.sender or ""), ("To", message.recipient)]
        parameters += [("AccountSid", self.config.account_sid), ("ApiVersion", API_VERSION)]
        if message.messaging_service_sid:
            parameters.append(("MessagingServiceSid", message.messaging_service_sid))
        if message.error_code:
            parameters += [("ErrorCode", str(message.error_code)), ("ErrorMessage", error_words(message.error_code) or "")]
        if message.channel == "whatsapp":
            parameters += receipt_parameters(message)
        elif message.status in ("delivered", "undelivered"):
            parameters.append(("RawDlrDoneDate", f"{datetime.now(UTC):%y%m%d%H%M}"))
        return Call("status", message.sid, message.status, message.status_callback, parameters, FORGE[plan.signature])

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            review_due(self.store, self.clock.now(), self.config.approved_after)
            self.store.flush()

    def _run(self, work: Coroutine[Any, Any, Any], group: set[asyncio.Task[Any]]) -> asyncio.Task[Any]:
        def done(task: asyncio.Task[Any]) -> None:
            group.discard(task)
            if not task.cancelled() and task.exception():
                log.error("a task of the simulator failed", exc_info=task.exception())

        task = asyncio.create_task(work)
        group.add(task)
        task.add_done_callback(done)
        return task
