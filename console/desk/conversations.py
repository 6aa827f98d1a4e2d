"""Builds one conversation for one reader: header, timeline, composer and panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import Conflict
from console import views
from console.desk.composers import channels_of, composer_view, with_draft
from console.desk.entries import story_view
from console.desk.panels import DEFAULT_ZONE, panel_view
from console.desk.queues import UNKNOWN_CLIENT, self_named
from console.desk.teller import Desk
from debts.people import open_name
from identity.masking import mask_address
from inbox import reading, windows
from inbox.about import about
from inbox.moves import may_act
from inbox.opting import require_judge


async def conversation_view(desk: Desk, tx: Tx, row: Any, composer: views.ComposerView | None = None) -> views.ConversationView:  # noqa: ANN401 - a row
    """One conversation, opened at its newest entries. `row` (of access_conversation) was read first: the rest may be newer, never older."""
    window = await windows.latest(tx, desk.reader, row.id)
    card = await card_view(desk, tx, row)
    return replace(
        card,
        story=story_view(desk, row, window, today=desk.day(tx)),
        composer=await with_draft(desk, tx, row, card.composer) if composer is None else replace(composer, channels=card.composer.channels),
    )


async def card_view(desk: Desk, tx: Tx, row: Any) -> views.ConversationView:  # noqa: ANN401 - a row of access_conversation
    """Everything of a conversation but its entries: header, open channels and panel."""
    reaches = await reading.addresses_of(tx, row)
    called = next((one.profile for one in reaches if one.profile), None)
    name = open_name(tx, row) or (self_named(called) if called else desk.say(UNKNOWN_CLIENT))
    debts = await reading.debts_of(tx, desk.reader, row.debtor_id)
    ways = await reading.ways(tx, desk.reader, row, channels_of(desk, reaches), reaches)
    masked = next((mask_address(way.channel, way.dialable) for way in ways if way.dialable), None)
    zone = row.zone or DEFAULT_ZONE
    composer = composer_view(desk, row, ways, reaches)
    acts = may_act(desk.reader, row.assigned_agent_id)
    panel = panel_view(desk, tx, row, name, reaches, debts, await about(tx, desk.reader, row), composer.channels, may_act=acts)
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
        story=None,
        composer=composer,
        panel=panel,
        may_act=acts,
        team=row.team,
        snoozed_until=row.snoozed_until,
        disposition=row.disposition,
        zone=desk.reader.zone,
        doubt=await _doubt(desk, tx, row, reaches),
    )


async def _doubt(desk: Desk, tx: Tx, row: Any, reaches: Sequence[reading.Reach]) -> views.DoubtView | None:  # noqa: ANN401 - a row
    """What is asked first. An address that is closed for good asks nothing."""
    for one in reaches:
        if one.doubt is not None and one.status not in ("opted_out", "wrong_party"):
            kept = await _not_theirs(desk, tx, row, one.doubt) if desk.reader.writes else None
            return views.DoubtView(str(one.address_id), str(one.doubt), one.channel, mask_address(one.channel, one.dialable), kept)
    return None


async def _not_theirs(desk: Desk, tx: Tx, row: Any, entry: UUID) -> str | None:  # noqa: ANN401 - a row of access_conversation
    """Why this reader may not say that these words were no request; None where they may."""
    try:
        await require_judge(tx, desk.reader, row.assigned_agent_id, entry)
    except Conflict as conflict:
        return desk.told(conflict)
    return None
