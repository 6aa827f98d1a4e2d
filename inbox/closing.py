"""The end of a conversation and its beginning again: closed with what came of it, reopened by us or by the client's next word."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from inbox.access import Reader
from inbox.moves import move, require_hold, require_seen, stand, unanswered_since

# What came of a conversation; `console.words.DISPOSITIONS` has their names.
DISPOSITIONS: Final = (
    "promise_made",
    "paid",
    "will_call_back",
    "information_given",
    "no_answer",
    "wrong_person",
    "dispute",
    "hardship",
    "other",
)


async def close(tx: Tx, reader: Reader, debtor: UUID, disposition: str | None = None, *, seen: int | None = None) -> UUID | None:
    """Close a conversation; the client's next word opens it again. A disposition may be given (or changed) afterwards, too.

    `seen` is the revision that the reader had seen. Returns the event's id, None where it is closed like that already. Raises `Conflict` where a
    colleague attends it or the client wrote since `seen`, `InvalidField`.
    """
    if disposition is not None and disposition not in DISPOSITIONS:
        raise InvalidField("disposition", N_("choose one of the list"))
    standing = await stand(tx, reader, debtor)
    await require_hold(tx, reader, standing.owner)
    detail = {"disposition": disposition} if disposition else {}
    if standing.is_put_away:
        if disposition in (None, standing.values["disposition"]):
            return None
        return await move(tx, reader, standing, "disposed", {"disposition": disposition}, detail, detail)
    require_seen(standing, seen)
    return await move(tx, reader, standing, "closed", {**standing.put_away, "disposition": disposition}, detail, detail)


async def reopen(tx: Tx, reader: Reader, debtor: UUID) -> UUID | None:
    """Open a closed conversation for the reader: unknown people go back to triage, and whoever had no answer waits for one again.

    Returns the event's id, None where it is open.
    """
    standing = await stand(tx, reader, debtor)
    if standing.state != "closed":
        return None
    state = "open" if standing.kind == "known" else "triage"
    waits = await unanswered_since(tx, standing.thread)
    changes = {"state": state, "disposition": None, "assigned_agent_id": reader.agent_id, "team_id": None, "waiting_since": waits}
    return await move(tx, reader, standing, "reopened", changes)
