"""Builds one conversation for one reader: header, timeline, composer and panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from base.db import Tx
from console import views
from console.desk.composers import channels_of, composer_view
from console.desk.entries import entry_views
from console.desk.panels import DEFAULT_ZONE, panel_view
from console.desk.queues import UNKNOWN_CLIENT
from console.desk.teller import Desk
from debts.people import open_name
from identity.masking import mask_address
from inbox import reading
from inbox.ownership import takes_over


async def conversation_view(desk: Desk, tx: Tx, row: Any, composer: views.ComposerView | None = None) -> views.ConversationView:  # noqa: ANN401 - a row
    """One conversation, opened at its newest entries. `row` (of access_conversation) was read first: the rest may be newer, never older."""
    entries = await reading.newest(tx, row.id)
    older = entries[0].position if entries and entries[0].position > 1 else None
    card = await card_view(desk, tx, row)
    return replace(
        card,
        entries=entry_views(desk, entries),
        older_before=older,
        composer=card.composer if composer is None else replace(composer, channels=card.composer.channels),
    )


async def card_view(desk: Desk, tx: Tx, row: Any) -> views.ConversationView:  # noqa: ANN401 - a row of access_conversation
    """Everything of a conversation but its entries: header, open channels and panel."""
    name = open_name(tx, row) or desk.say(UNKNOWN_CLIENT)
    reaches = await reading.addresses_of(tx, row)
    debts = await reading.debts_of(tx, desk.reader, row.debtor_id)
    ways = [await reading.way(tx, row.debtor_id, channel, reaches) for channel in channels_of(reaches)]
    masked = next((mask_address(way.channel, way.dialable) for way in ways if way.dialable), None)
    zone = row.zone or DEFAULT_ZONE
    panel = panel_view(row, name, reaches, debts)
    return views.ConversationView(
        id=str(row.id),
        revision=row.revision,
        debtor_name=name,
        phone_masked=masked,
        state=row.state,
        assignee=row.assignee,
        mine=row.assigned_agent_id == desk.reader.agent_id,
        portfolio=", ".join(dict.fromkeys(debt.creditor for debt in debts)) or None,
        language=row.language,
        local_time_zone=zone,
        entries=(),
        older_before=None,
        composer=composer_view(desk, row, ways, masked),
        panel=panel,
        may_act=desk.reader.writes and (row.assigned_agent_id in (None, desk.reader.agent_id) or takes_over(desk.reader)),
    )
