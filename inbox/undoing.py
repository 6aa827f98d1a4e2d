"""Taking an act back: its own agent, within ten minutes, and only while nothing that it changed was changed again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from base.db import Tx
from base.errors import Conflict, NotFound
from base.words import N_
from inbox.access import Reader
from inbox.moves import COLUMNS, Standing, plain, stand, tell, typed, write
from inbox.notices import open_again, take_back
from inbox.opting import ASKED_NO_MORE, NOT_ASKED, ask_again, take_back_no_more
from inbox.reaching import WRONG_PERSON, theirs_again

WITHIN: Final = timedelta(minutes=10)
_CHANGED: Final = N_("It cannot be undone: the conversation has changed since.")
UNDOABLE: Final = frozenset(
    (
        "claimed",
        "released",
        "transferred",
        "transferred_to_team",
        "closed",
        "disposed",
        "reopened",
        "snoozed",
        "unsnoozed",
        "marked_unread",
        "mentions_done",
        WRONG_PERSON,
        ASKED_NO_MORE,
        NOT_ASKED,
    )
)


async def undo(tx: Tx, reader: Reader, debtor: UUID, act: UUID) -> UUID | None:
    """Restore what was before an act of the reader's; `act` is its event's id. Returns the new event's id, None where it was undone before.

    Raises `NotFound` for what is no act of theirs in this conversation, `Conflict` where it is too late or something changed since.
    """
    standing = await stand(tx, reader, debtor)
    event = await _event(tx, reader, standing, act)
    if await _undone(tx, standing, act, event.position):
        return None
    if tx.now - event.received_at > WITHIN:
        raise Conflict(N_("It is too late to undo this: ten minutes have passed."))
    if "assigned_agent_id" in event.detail["after"] and await _others_went_on(tx, reader, standing, event.position):
        raise Conflict(_CHANGED)
    changes = _restored(standing, event.detail)
    if not await theirs_again(tx, debtor, event.detail.get("links", {})):
        raise Conflict(_CHANGED)
    await write(tx, standing.thread, changes)
    await take_back(tx, [UUID(notice) for notice in event.detail.get("notices", [])])
    if closed := event.detail.get("opt_outs"):
        await take_back_no_more(tx, standing.thread, act, [UUID(address) for address in closed])
    if event.detail["event"] == NOT_ASKED:
        await ask_again(tx, standing.thread, UUID(event.detail["address"]), UUID(event.detail["of"]))
    await open_again(tx, reader, [UUID(notice) for notice in event.detail.get("finished", [])])
    detail = {"event": "undone", "of": str(act), "what": event.detail["event"]}
    return await tell(tx, reader, standing.thread, "undone", detail, {"of": act, "what": event.detail["event"]})


async def _event(tx: Tx, reader: Reader, standing: Standing, act: UUID) -> Any:  # noqa: ANN401 - a row
    event = await tx.row(
        "select position, detail, received_at from entry where org_id = :org and id = :id and conversation_id = :conversation"
        # What was done in a conversation that was joined to this one changed other columns than these.
        " and kind = 'event' and agent_id = :agent and detail -> 'merged' is null",
        id=act,
        conversation=standing.thread.conversation_id,
        agent=reader.agent_id,
    )
    if event is None or event.detail.get("event") not in UNDOABLE:
        raise NotFound
    return event


async def _undone(tx: Tx, standing: Standing, act: UUID, position: int) -> bool:
    return bool(
        await tx.value(
            "select exists (select from entry where org_id = :org and conversation_id = :conversation and position > :position"
            " and kind = 'event' and detail ->> 'of' = :act)",
            conversation=standing.thread.conversation_id,
            position=position,
            act=str(act),
        )
    )


async def _others_went_on(tx: Tx, reader: Reader, standing: Standing, position: int) -> bool:
    """Whether a colleague has written or done something since: whoever works with the client now does not lose them to a key."""
    return bool(
        await tx.value(
            "select exists (select from entry where org_id = :org and conversation_id = :conversation and position > :position"
            " and agent_id <> :agent)",
            conversation=standing.thread.conversation_id,
            position=position,
            agent=reader.agent_id,
        )
    )


def _restored(standing: Standing, detail: dict[str, Any]) -> dict[str, Any]:
    """The columns as they were. What was read since stays read; any other change makes the act a thing of the past."""
    now = {name: plain(standing.values[name]) for name in COLUMNS}
    later = [name for name, value in detail["after"].items() if plain(typed(name, value)) != now[name]]
    if [name for name in later if name != "read_position"]:
        raise Conflict(_CHANGED)
    return {name: typed(name, value) for name, value in detail["before"].items() if name not in later}
