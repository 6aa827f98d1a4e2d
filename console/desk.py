"""Turns rows into what the templates show, for one reader: names opened, numbers masked, other portfolios closed, words translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from base.db import Tx
from base.ids import new_id
from base.words import N_
from console import views
from console.rendering import Renderer, iso_day
from console.session import Session
from console.words import CHANNELS, EVENTS, MESSAGE_STATES
from debts.people import open_name
from identity.masking import mask_address
from inbox import lists, reading
from inbox.access import Reader
from inbox.ownership import takes_over

DEFAULT_ZONE = "America/Bogota"
_SENDS = ("sms",)
_TROUBLES: Mapping[str, Literal["warn", "bad"]] = {"failed": "bad", "withheld": "bad", "unconfirmed": "warn"}
UNKNOWN_CLIENT = N_("Unknown number")
OTHER_PORTFOLIO = N_("Contact of another portfolio")


@dataclass(frozen=True, slots=True)
class Desk:
    """Builds views in one reader's language."""

    renderer: Renderer
    reader: Reader

    def say(self, msgid: str, **values: object) -> str:
        """A msgid in the reader's language."""
        return self.renderer.translate(self.reader.language, msgid, **values)

    def explain(self, sentence: str, variables: Mapping[str, str]) -> str:
        """A reason of the gate or a carrier in the reader's language, its date as people say it."""
        told = {name: self.renderer.long_date(self.reader.language, text) if name == "date" else text for name, text in variables.items()}
        return self.say(sentence, **told)

    def signed_in(self, session: Session) -> views.Reader:
        """The reader, for the page's frame."""
        reader = self.reader
        return views.Reader(str(reader.agent_id), reader.name, reader.email, reader.role.value, reader.language, session.csrf_token)

    async def queue(self, tx: Tx, view: views.QueueName, selected: UUID | None = None) -> views.QueueView:
        """One list as it is now."""
        rows = await lists.window(tx, self.reader, view)
        shared, owned = await lists.counts(tx, self.reader, [self.reader.agent_id])
        own = owned[self.reader.agent_id]
        return views.QueueView(
            name=view,
            rows=tuple(self.queue_row(tx, row, view) for row in rows),
            digest=lists.personal(lists.digest(rows, shared, self.day(tx)), own),
            counts=shared | {"mine": own},
            selected_id=str(selected) if selected else None,
        )

    def day(self, tx: Tx) -> str:
        """The reader's calendar day: what "today" means on their screen."""
        return iso_day(tx.now, self.reader.zone)

    def queue_row(self, tx: Tx, row: Any, view: str) -> views.QueueRow:  # noqa: ANN401 - a row of lists.window
        """One row of a list."""
        visible = self.reader.sees_portfolio(row.entry_portfolio)
        return views.QueueRow(
            id=str(row.id),
            revision=row.revision,
            name=open_name(tx, row) or self.say(UNKNOWN_CLIENT),
            preview=(row.text or "")[:140] if visible else self.say(OTHER_PORTFOLIO),
            preview_direction=row.direction if visible else None,
            channel=row.channel if visible else None,
            at=row.last_at,
            zone=self.reader.zone,
            unread=row.unread,
            state=row.state,
            assignee=row.assignee,
            mine=view == "mine",
            chip=self._trouble(row.last_state) if visible else None,
        )

    def _trouble(self, state: str | None) -> views.Chip | None:
        """That our last message did not arrive: the one thing about a row that must not look like success."""
        if state is None or state not in _TROUBLES:
            return None
        return views.Chip(_TROUBLES[state], self.say(MESSAGE_STATES[state].label))

    async def conversation(self, tx: Tx, row: Any, composer: views.ComposerView | None = None) -> views.ConversationView:  # noqa: ANN401 - a row
        """One conversation, opened at its newest entries. `row` (of access_conversation) was read first: the rest may be newer, never older."""
        entries = await reading.newest(tx, row.id)
        older = entries[0].position if entries and entries[0].position > 1 else None
        card = await self.card(tx, row)
        return replace(
            card,
            entries=self.entries(entries),
            older_before=older,
            composer=card.composer if composer is None else replace(composer, channels=card.composer.channels),
        )

    async def card(self, tx: Tx, row: Any) -> views.ConversationView:  # noqa: ANN401 - a row of access_conversation
        """Everything of a conversation but its entries: header, open channels and panel."""
        name = open_name(tx, row) or self.say(UNKNOWN_CLIENT)
        reaches = await reading.addresses_of(tx, row)
        debts = await reading.debts_of(tx, self.reader, row.debtor_id)
        ways = [await reading.way(tx, row.debtor_id, channel, reaches) for channel in self._channels(reaches)]
        masked = next((mask_address(way.channel, way.dialable) for way in ways if way.dialable), None)
        zone = row.zone or DEFAULT_ZONE
        panel = views.PanelView(
            conversation_id=str(row.id),
            revision=row.revision,
            name=name,
            ref=row.ref,
            zone=zone,
            place=row.city,
            addresses=tuple(views.AddressView(one.channel, mask_address(one.channel, one.dialable), one.status) for one in reaches),
            debts=tuple(self._debt(debt) for debt in debts),
            language=row.language if row.language in ("es", "pt", "en") else None,
            provisional=row.kind == "provisional",
        )
        return views.ConversationView(
            id=str(row.id),
            revision=row.revision,
            debtor_name=name,
            phone_masked=masked,
            state=row.state,
            assignee=row.assignee,
            mine=row.assigned_agent_id == self.reader.agent_id,
            portfolio=", ".join(dict.fromkeys(debt.creditor for debt in debts)) or None,
            language=row.language,
            local_time_zone=zone,
            entries=(),
            older_before=None,
            composer=self._composer(row, ways, masked),
            panel=panel,
            may_act=self.reader.writes and (row.assigned_agent_id in (None, self.reader.agent_id) or takes_over(self.reader)),
        )

    def entries(self, rows: Sequence[Any]) -> tuple[views.EntryView, ...]:
        """Entries as this reader may see them: of other portfolios only that a contact took place."""
        return tuple(self._entry(row) if self.reader.sees_portfolio(row.creditor_id) else self._hidden(row) for row in rows)

    def _entry(self, row: Any) -> views.EntryView:  # noqa: ANN401 - a row of reading
        return views.EntryView(
            id=str(row.id),
            position=row.position,
            revision=row.revision,
            kind=row.kind,
            text=self._event(row) if row.kind == "event" else row.text or "",
            at=row.received_at,
            zone=self.reader.zone,
            channel=row.channel,
            direction=row.direction,
            state=row.state,
            agent=row.agent,
            error=self._error(row),
            segments=row.segments,
            verdict_rule=row.error_code if row.state == "withheld" else None,
            can_retry=row.state in ("failed", "withheld") and self.reader.writes,
        )

    def _hidden(self, row: Any) -> views.EntryView:  # noqa: ANN401 - a row of reading
        return views.EntryView(str(row.id), row.position, row.revision, "hidden", "", row.received_at, self.reader.zone)

    def _event(self, row: Any) -> str:  # noqa: ANN401 - a row of reading
        channel = CHANNELS[row.channel].label if row.channel in CHANNELS else ""
        values = {"agent": row.agent or "Trato", "channel": self.say(channel) if channel else "", "reason": ""}
        return self.say(EVENTS[row.detail["event"]], **values)

    def _error(self, row: Any) -> str | None:  # noqa: ANN401 - a row of reading
        if row.state not in ("failed", "withheld") or not row.error_reason:
            return None
        return self.explain(row.error_reason, row.detail.get("variables", {}))

    def _debt(self, debt: Any) -> views.DebtView:  # noqa: ANN401 - a row of reading.debts_of
        return views.DebtView(
            creditor=debt.creditor,
            product_last4=debt.product_last4,
            total_due=debt.total_due,
            minimum_due=debt.minimum_due,
            currency=debt.currency or "",
            due_on=debt.due_on,
            days_past_due=debt.days_past_due,
            payment_reference=debt.payment_reference,
        )

    def _channels(self, reaches: Sequence[reading.Reach]) -> list[str]:
        """SMS always, and every other channel on which the client has an address."""
        return list(dict.fromkeys([*_SENDS, *(one.channel for one in reaches)]))

    def _composer(self, row: Any, ways: Sequence[reading.Way], masked: str | None) -> views.ComposerView:  # noqa: ANN401 - a row
        return views.ComposerView(
            conversation_id=str(row.id),
            client_token=str(new_id()),
            seen_revision=row.revision,
            channels=tuple(self._choice(way) for way in ways),
            to_masked=masked,
        )

    def _choice(self, way: reading.Way) -> views.ChannelChoice:
        label = self.say(CHANNELS[way.channel].label)
        if not self.reader.writes:
            return views.ChannelChoice(way.channel, label, open=False, reason=self.say(N_("Your role reads and does not write.")))
        if way.channel not in _SENDS:
            return views.ChannelChoice(way.channel, label, open=False, reason=self.say(N_("No sender is connected to this channel yet.")))
        if way.dialable is None:
            return views.ChannelChoice(way.channel, label, open=False, reason=self.say(N_("The client has no address on this channel.")))
        if way.objection is not None:
            reason = self.explain(way.objection.sentence, way.objection.variables)
            return views.ChannelChoice(way.channel, label, open=False, reason=reason, rule=way.objection.rule)
        return views.ChannelChoice(way.channel, label, open=True)


def queue_name(text: str | None) -> views.QueueName:
    """The list of that name, or the first one."""
    return next((name for name in views.QUEUES if name == text), "mine")
