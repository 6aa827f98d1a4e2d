"""Mutants: known mistakes, put into a program before it starts, to prove that the checker would see them. The product has no such switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What each mutant must be caught by: the checker's name of the broken invariant.
EXPECTED = {
    "carrier_event": "I1-doubled",
    "retry_timeout": "I2-accepted-twice",
    "lossy_hub": "I4-screen",
    "states_back": "I5-moved-back",
    "idempotency": "I2-key",
    "no_second_verdict": "I3-opt-out",
}

RISES_ONLY = " and rank < :rank"


def every_telling_is_the_first() -> None:
    """A carrier event that was recorded before is recorded again."""
    from inbox import receiving
    from inbox.originals import First

    original = vars(receiving)["take_first"]

    async def take_first(*arguments: Any) -> First:
        return await original(*arguments) or First(None)

    _put(receiving, "take_first", take_first)


def a_timeout_is_tried_again() -> None:
    """A call whose answer never came is made once more, though the carrier may have accepted it."""
    from channels.contract import TryAgain, Unconfirmed
    from channels.sms import SmsAdapter

    original = SmsAdapter.send

    async def send(self: SmsAdapter, outbound: Any) -> Any:
        try:
            return await original(self, outbound)
        except Unconfirmed as failure:
            raise TryAgain(str(failure)) from failure

    _put(SmsAdapter, "send", send)


def frames_are_lost_unnoticed() -> None:
    """Every fifth frame is dropped, and pings do not tell where a topic stands."""
    from console.hub import Hub
    from console.socket import LiveSocket

    original, pushed = LiveSocket.push, 0

    def push(self: LiveSocket, encoded: str, kind: str) -> None:
        nonlocal pushed
        pushed += kind == "frame"
        if kind != "frame" or pushed % 5:
            original(self, encoded, kind)

    _put(LiveSocket, "push", push)
    _put(Hub, "ping", lambda _self, socket: socket.tell(t="ping", seen={}))


def states_move_back() -> None:
    """The last word wins, whatever its rank."""
    import inspect

    from inbox import states

    source = inspect.getsource(states.advance)
    assert RISES_ONLY in source, "states rise in another way now: this mutant no longer is one"
    assert "await tx.row(" in source, "states rise in another way now: this mutant no longer is one"
    from base.db import Tx

    original = Tx.row

    async def row(self: Tx, sql: str, **values: Any) -> Any:
        return await original(self, sql.replace(RISES_ONLY, ""), **values)

    _put(Tx, "row", row)


def keys_are_ignored() -> None:
    """An Idempotency-Key is not looked at."""
    from console.api import idempotency

    original = idempotency._once

    async def once(tx: Any, caller: Any, _key: Any, *rest: Any) -> Any:
        return await original(tx, caller, None, *rest)

    _put(idempotency, "_once", once)


def the_gate_is_asked_only_once() -> None:
    """What was allowed when it was written leaves, whatever the client said meanwhile; and it leaves late, so that there is a meanwhile."""
    import asyncio

    from inbox import delivery

    original, prepare = vars(delivery)["judge"], delivery.prepare

    async def judge(tx: Any, contact: Any, stage: Any) -> Any:
        verdict = await original(tx, contact, stage)
        return type(verdict)(verdict.id, True, None)

    async def late(*arguments: Any) -> Any:
        await asyncio.sleep(1.5)
        return await prepare(*arguments)

    _put(delivery, "judge", judge)
    _put(delivery, "prepare", late)


def _put(place: Any, name: str, mistake: Any) -> None:
    assert name in vars(place), f"{place.__name__} has no {name} any more: this mutant no longer is one"
    setattr(place, name, mistake)


MUTANTS: dict[str, Callable[[], None]] = {
    "carrier_event": every_telling_is_the_first,
    "retry_timeout": a_timeout_is_tried_again,
    "lossy_hub": frames_are_lost_unnoticed,
    "states_back": states_move_back,
    "idempotency": keys_are_ignored,
    "no_second_verdict": the_gate_is_asked_only_once,
}
