"""Stopping a channel for everybody or for one creditor, and letting it go: the switches, and the screens that must show them."""

from __future__ import annotations

from uuid import UUID

from base import audit
from base.db import Tx
from compliance.switches import lift_kill_switch, set_kill_switch
from debts.creditors import allow_whatsapp


async def stop_channel(tx: Tx, channel: str, reason: str) -> None:
    """Stop all sends of a channel (or of all, with ``*``). Raises `InvalidField` for a channel that does not exist."""
    await set_kill_switch(tx, channel, reason)
    await _show_everywhere(tx)


async def let_channel_go(tx: Tx, channel: str) -> None:
    """Let a channel's sends go again. Raises `InvalidField` for a channel that does not exist."""
    await lift_kill_switch(tx, channel)
    await _show_everywhere(tx)


async def confirm_whatsapp(tx: Tx, actor: str, creditor: UUID, *, allowed: bool, was: bool) -> None:
    """Somebody confirmed that Meta's policy lets a third party be written for on WhatsApp, or took that back (A12); who it was is in the ledger.

    `was` is whether WhatsApp could be used for the creditor before this change, whatever else of them changed with it.
    """
    may = await allow_whatsapp(tx, creditor, allowed=allowed)
    if may != was:
        await audit.record(tx, actor, "creditor.whatsapp_allowed" if may else "creditor.whatsapp_withdrawn", creditor)
        await _show_everywhere(tx, creditor)


async def _show_everywhere(tx: Tx, creditor: UUID | None = None) -> None:
    """A new revision for every conversation that somebody may be writing in. It takes no debtor's lock, and asks for none while it holds others.

    One poke for all: each process compares the revisions of what it shows within two seconds anyway.
    """
    await tx.run(
        "update conversation set revision = revision + 1, card_revision = revision + 1 where org_id = :org and state <> 'closed'"
        " and (cast(:creditor as uuid) is null or cast(:creditor as uuid) = any(portfolios))",
        creditor=creditor,
    )
    tx.changed("channels")
