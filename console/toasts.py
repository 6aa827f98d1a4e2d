"""What is said of an act that was done: it names the client, because by then another may be on the screen, and carries what takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from base.db import Tx
from base.words import N_
from console import views
from console.desk import Desk
from console.words import ACTS, DISPOSITIONS

_DONE: Final[Mapping[str, str]] = {
    "claim": "claimed",
    "release": "released",
    "close": "closed",
    "reopen": "reopened",
    "snooze": "snoozed",
    "wake": "unsnoozed",
    "unread": "marked_unread",
    "mentions-done": "mentions_done",
    "transfer": "transferred",
    "wrong-person": "wrong_person",
    "no-more": "asked_no_more",
    "not-asked": "not_asked",
    "undo": "undone",
}


def act_toast(desk: Desk, tx: Tx, row: Any, name: str, event: UUID | None, client: str) -> views.ToastView | None:  # noqa: ANN401 - a row of access_conversation
    """What the act `name` did with a `client`; None where nothing was done, because it stood like that already."""
    if event is None:
        return None
    text = desk.say(ACTS[_DONE[name]])
    if name == "snooze" and row.snoozed_until:
        text = desk.say(N_("Snoozed until %(moment)s"), moment=desk.soon(row.snoozed_until, tx.now))
    elif name == "transfer":
        text = desk.say(N_("Given to %(name)s"), name=row.assignee or row.team or "")
    elif name == "wrong-person":
        text = desk.say(N_("Noted: wrong person. The conversation is closed."))
    elif name == "close" and row.disposition:
        text = f"{text}: {desk.say(DISPOSITIONS[row.disposition].label)}"
    menu = {"close": "close", "snooze": "snooze"}.get(name) if row.disposition is None else None
    undo = None if name == "undo" or not desk.reader.writes else str(event)
    return views.ToastView(str(row.id), text, undo, menu, client=client)
