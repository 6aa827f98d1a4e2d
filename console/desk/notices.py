"""Builds what one agent is told: their notices, and the newest word that waits for them. Initials are all that may leave the page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from base.db import Tx
from base.words import N_
from console import views
from console.desk.queues import UNKNOWN_CLIENT
from console.desk.teller import Desk
from console.rendering import initials
from console.words import NOTICES
from debts.people import open_name
from inbox import notices


async def me_view(desk: Desk, tx: Tx) -> views.MeView:
    """What the reader is told now."""
    found = await notices.standings(tx, [desk.reader.agent_id])
    return told(desk, tx, found[desk.reader.agent_id])


def told(desk: Desk, tx: Tx, rows: Sequence[Any]) -> views.MeView:
    """As `me_view`, from the rows of `inbox.notices.standings`."""
    shown = tuple(_notice(desk, tx, row) for row in rows if row.id is not None and notices.sees(desk.reader, row.portfolios))
    first = rows[0]
    word = first if first.word_id is not None and notices.sees(desk.reader, first.word_portfolios) else None
    letters = _letters(_word_name(tx, word)) if word else ""
    text = (desk.say(N_("New message from %(who)s"), who=letters) if letters else desk.say(N_("New message"))) if word else ""
    return views.MeView(
        digest=_digest(desk, tx, first, shown),
        unread=first.unread,
        unseen=first.unseen,
        notices=shown,
        word=f"{word.word_id}:{word.word_position}" if word else "",
        word_at=word.word_at if word else None,
        word_text=text,
        word_conversation=str(word.word_id) if word else "",
    )


def _digest(desk: Desk, tx: Tx, first: Any, shown: Sequence[views.NoticeView]) -> str:  # noqa: ANN401 - a row
    """A name of exactly this: what the page compares with what it has."""
    parts = (desk.day(tx), first.unread, first.unseen, first.word_id, first.word_position, [(one.id, one.seen) for one in shown])
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _notice(desk: Desk, tx: Tx, row: Any) -> views.NoticeView:  # noqa: ANN401 - a row of notices.standings
    name = open_name(tx, row)
    return views.NoticeView(
        id=str(row.id),
        kind=row.kind,
        conversation_id=str(row.conversation_id),
        text=desk.say(NOTICES[row.kind].label, by=row.by_name or "Trato"),
        who=name or desk.say(UNKNOWN_CLIENT),
        initials=_letters(name),
        at=row.at,
        zone=desk.reader.zone,
        seen=row.seen_at is not None,
    )


def _word_name(tx: Tx, row: Any) -> str | None:  # noqa: ANN401 - a row of notices.standings
    if row.word_name is None:
        return None
    person = tx.person(row.word_debtor, row.word_key_name, row.word_wrapped)
    return person.open("debtor", row.word_debtor, "name", bytes(row.word_name))


def _letters(name: str | None) -> str:
    """A name outside the page: ``R. M.``; nothing for somebody who has none."""
    return " ".join(f"{letter}." for letter in initials(name)) if name else ""
