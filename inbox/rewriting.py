"""Writing again: what did not arrive comes back whole, to be sent once more by a person; the message itself stays what it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import Conflict
from base.words import N_
from channels.contract import Channel
from inbox.access import Reader, access_message, require_writer
from inbox.attachments import Ready, content_of, keep_upload, name_of
from inbox.holding import TakenBack
from inbox.rulings import NOT_ARRIVED
from inbox.states import State

_NOT_ARRIVED = frozenset((State.FAILED, State.WITHHELD, State.CANCELLED))


def may_be_rewritten(state: str | None, ruling: str | None) -> bool:
    """Whether a message certainly did not arrive: as its state says, or as a person found out."""
    return state in _NOT_ARRIVED or (state == State.UNCONFIRMED and ruling == NOT_ARRIVED)


async def rewrite(tx: Tx, reader: Reader, row: Any, message: UUID, beside: Collection[str]) -> TakenBack:  # noqa: ANN401 - a row
    """Everything that a message was, for the composer; its files are copied, as far as they are still there, `beside` those that are in it.

    Raises `NotFound` for strangers, `Forbidden` for roles that only read, `Conflict` for a message that may have arrived.
    """
    require_writer(reader)
    await access_message(tx, reader, message)
    found = await tx.row(
        "select m.state, m.ruling, m.direction, m.channel, m.address_id, m.template_id, e.text, e.detail from message m"
        " join entry e on e.org_id = m.org_id and e.id = m.id where m.org_id = :org and m.id = :id",
        id=message,
    )
    if found is None or found.direction != "out" or not may_be_rewritten(found.state, found.ruling):
        raise Conflict(N_("This message has left already."))
    return TakenBack(
        message_id=message,
        channel=Channel(found.channel),
        text=found.text or "",
        address_id=found.address_id,
        template_id=found.template_id,
        variables=found.detail.get("template", {}).get("variables", {}),
        attachments=(*(UUID(one) for one in found.detail.get("freed", [])), *await _copies(tx, reader, row, message, beside)),
    )


async def _copies(tx: Tx, reader: Reader, row: Any, message: UUID, beside: Collection[str]) -> list[UUID]:  # noqa: ANN401 - a row
    files = await tx.rows(
        "select x.id, x.person_id, x.content_type, x.name_sealed, k.key_name, k.wrapped from attachment x"
        " join person_key k on k.org_id = x.org_id and k.person_id = x.person_id where x.org_id = :org and x.entry_id = :id"
        " and x.direction = 'out' and x.state = 'kept' and k.wrapped is not null order by x.position",
        id=message,
    )
    return [
        await keep_upload(tx, reader, row, Ready(name_of(tx, one), one.content_type, await content_of(tx, one)), beside) for one in files
    ]
