"""The carrier itself: accepts the product's messages, lets each live through its states, and tells the product of them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from simulator.calling import Call, Caller
from simulator.config import Config
from simulator.errors import TwilioError
from simulator.records import Message
from simulator.resource import API_VERSION, error_words
from simulator.scenarios import Plan, Scenarios
from simulator.store import Store

log = logging.getLogger("simulator")
# These end a message before it ever left; other errors come back from the network after it was sent.
FAILED_BEFORE_SENDING = (21610, 30001, 30002, 30036)
FORGE = {"good": "", "bad": "signature", "old_token": "old_token", "fragment": "fragment"}
FLUSH_EVERY = 0.25


class Carrier:
    """One simulated account with its record, its rules and its running messages."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.rng = random.Random(config.seed)
        self.scenarios = Scenarios(random.Random(config.seed + 1))
        self.store = Store(config.folder)
        self.caller = Caller(config, self.store)
        self.trickle = config.trickle
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loops: set[asyncio.Task[Any]] = set()
        self._on_delivered: list[Callable[[Message], None]] = []

    async def start(self) -> None:
        """Take up the messages whose course the end of the last process cut off."""
        for message in self.store.unfinished():
            self.spawn(self.live(message))
        self.keep_running(self._flush_often())

    async def stop(self) -> None:
        """End everything that runs and close the record."""
        running = [*self._tasks, *self._loops]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.caller.close()
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

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the requests until it ends or the simulator stops; what fails is logged."""
        return self._run(work, self._tasks)

    def keep_running(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something for as long as the simulator runs."""
        self._run(work, self._loops)

    def accept(self, message: Message) -> Message:
        """Take a message durably and start its course. Raises `TwilioError` 21610 when the client opted out at the carrier."""
        if self.store.opted_out(message.recipient, message.sender or self.config.sender):
            raise TwilioError(21610, message.recipient)
        plan = self.scenarios.take_plan(message.recipient, message.body)
        message = self.store.accept(replace(message, plan=msgspec.to_builtins(plan) | message.plan))
        if not plan.before_answer:
            self.spawn(self.live(message))
        return message

    async def live(self, message: Message) -> None:
        """Let a message reach its end: its states by the clock, its receipts in their order, one after another."""
        plan = msgspec.convert(message.plan, Plan)
        steps, held = self._steps(message, plan), list[Call]()
        telling: asyncio.Task[Any] | None = None
        for status, due, code in steps:
            await asyncio.sleep(0 if plan.before_answer else max(0.0, message.created_at + due - time.time()))
            message = replace(message, sender=message.sender or self.config.sender)
            message = self.store.advance(message, status, time.time(), code)
            call = self._receipt(message, plan)
            if call is None:
                continue
            held.append(call)
            if not plan.reversed:
                telling = self.spawn(self._tell([held.pop()], plan, telling))
        if held:
            telling = self.spawn(self._tell(held[::-1], plan, telling))
        if plan.before_answer and telling is not None:
            await telling
        if message.status == "delivered":
            for listener in self._on_delivered:
                listener(message)

    def _steps(self, message: Message, plan: Plan) -> list[tuple[str, float, int | None]]:
        """States still to come, seconds after acceptance, with the error they carry."""
        first, last = plan.held + self.config.sent_after, plan.held + self.config.delivered_after
        if plan.held > message.validity_period and message.status != "scheduled":
            return [("failed", message.validity_period, 30036)]
        if plan.error_code in FAILED_BEFORE_SENDING:
            return [("failed", first, plan.error_code)]
        end = ("undelivered", last, plan.error_code) if plan.error_code else ("delivered", last, None)
        return [end] if message.status == "sent" else [("sent", first, None), end]

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
        if message.status in ("delivered", "undelivered"):
            parameters.append(("RawDlrDoneDate", f"{datetime.now(UTC):%y%m%d%H%M}"))
        return Call("status", message.sid, message.status, message.status_callback, parameters, FORGE[plan.signature])

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
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
