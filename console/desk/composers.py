"""Builds the composer for one reader: every channel open, or closed with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from base.ids import new_id
from base.words import N_
from console import views
from console.desk.teller import Desk
from console.words import CHANNELS
from inbox import reading

_SENDS = ("sms",)


def channels_of(reaches: Sequence[reading.Reach]) -> list[str]:
    """SMS always, and every other channel on which the client has an address."""
    return list(dict.fromkeys([*_SENDS, *(one.channel for one in reaches)]))


def composer_view(desk: Desk, row: Any, ways: Sequence[reading.Way], masked: str | None) -> views.ComposerView:  # noqa: ANN401 - a row
    return views.ComposerView(
        conversation_id=str(row.id),
        client_token=str(new_id()),
        seen_revision=row.revision,
        channels=tuple(_choice(desk, way) for way in ways),
        to_masked=masked,
    )


def _choice(desk: Desk, way: reading.Way) -> views.ChannelChoice:
    label = desk.say(CHANNELS[way.channel].label)
    if not desk.reader.writes:
        return views.ChannelChoice(way.channel, label, open=False, reason=desk.say(N_("Your role reads and does not write.")))
    if way.channel not in _SENDS:
        return views.ChannelChoice(way.channel, label, open=False, reason=desk.say(N_("No sender is connected to this channel yet.")))
    if way.dialable is None:
        return views.ChannelChoice(way.channel, label, open=False, reason=desk.say(N_("The client has no address on this channel.")))
    if way.objection is not None:
        reason = desk.explain(way.objection.sentence, way.objection.variables)
        return views.ChannelChoice(way.channel, label, open=False, reason=reason, rule=way.objection.rule)
    return views.ChannelChoice(way.channel, label, open=True)
