"""Stopping a channel for everybody, and letting it go: the switch, and the screens that must show it."""

from __future__ import annotations

from base.db import Tx
from compliance.switches import lift_kill_switch, set_kill_switch


async def stop_channel(tx: Tx, channel: str, reason: str) -> None:
    """Stop all sends of a channel (or of all, with ``*``). Raises `InvalidField` for a channel that does not exist."""
    await set_kill_switch(tx, channel, reason)
    await _show_everywhere(tx)


async def let_channel_go(tx: Tx, channel: str) -> None:
    """Let a channel's sends go again. Raises `InvalidField` for a channel that does not exist."""
    await lift_kill_switch(tx, channel)
    await _show_everywhere(tx)


async def _show_everywhere(tx: Tx) -> None:
    """A new revision for every conversation that somebody may be writing in. It takes no debtor's lock, and asks for none while it holds others.

    One poke for all: each process compares the revisions of what it shows within two seconds anyway.
    """
    await tx.run("update conversation set revision = revision + 1, card_revision = revision + 1 where org_id = :org and state <> 'closed'")
    tx.changed("channels")
