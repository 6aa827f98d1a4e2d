"""The kill switch: one statement stops every send of a channel, in every process, at its next verdict."""

from __future__ import annotations

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id

CHANNELS = ("sms", "whatsapp", "email", "voice", "*")


async def set_kill_switch(tx: Tx, channel: str, reason: str, actor: str = "system:command-line") -> None:
    """Stop a channel (or all, with ``*``). A switch that is set already keeps its first reason. Raises `InvalidField`."""
    _check(channel)
    await tx.run(
        "insert into kill_switch (org_id, id, channel, reason, at) values (:org, :id, :channel, :reason, :now)"
        " on conflict (org_id, channel) where lifted_at is null do nothing",
        id=new_id(),
        channel=channel,
        reason=reason,
    )
    await audit.record(tx, actor, "kill_switch.set", None, channel=channel)


async def lift_kill_switch(tx: Tx, channel: str, actor: str = "system:command-line") -> None:
    """Let a channel's sends go again. Raises `InvalidField`."""
    _check(channel)
    await tx.run(
        "update kill_switch set lifted_at = :now where org_id = :org and channel = :channel and lifted_at is null", channel=channel
    )
    await audit.record(tx, actor, "kill_switch.lifted", None, channel=channel)


def _check(channel: str) -> None:
    if channel not in CHANNELS:
        raise InvalidField("channel", "must be one of " + ", ".join(CHANNELS))
