"""A second press of Send, or the first one again whose answer was lost: the same message, and only if all of it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.signs import typed
from base.words import N_
from inbox.access import Reader

if TYPE_CHECKING:
    from inbox.sending import Draft


class AlreadyGone(InvalidField):
    """Something else was sent with this token: what is tried now needs one of its own."""


async def pressed_before(tx: Tx, reader: Reader, debtor: UUID, draft: Draft) -> Any:  # noqa: ANN401 - a row or None
    """The message that was sent with the draft's token (id, state, due_at), if any.

    Raises `AlreadyGone` where it was another one: other words, files, values, moment, or another place to which it went.
    """
    row = await tx.row(
        "select m.id, m.debtor_id, m.state, m.template_id, m.channel, m.address_id, m.hold, m.due_at, e.text, e.detail,"
        " array(select x.id from attachment x where x.org_id = m.org_id and x.entry_id = m.id order by x.position) as files"
        " from message m join entry e on e.org_id = m.org_id and e.id = m.id"
        " where m.org_id = :org and m.agent_id = :agent and m.client_token = :token",
        agent=reader.agent_id,
        token=draft.client_token,
    )
    if row is None:
        return None
    if row.debtor_id != debtor:
        raise InvalidField("client_token", N_("the page is out of date; reload it"))
    if not _is_same(row, draft):
        raise AlreadyGone("text", N_("your text before this one has gone already; send again if this one should follow it"))
    return row


def _is_same(row: Any, draft: Draft) -> bool:  # noqa: ANN401 - a row
    if row.channel != draft.channel.value or draft.address_id not in (None, row.address_id):
        return False
    if draft.not_before is not None and (row.hold, row.due_at) != ("schedule", draft.not_before):
        return False
    if draft.template_id is None:
        return row.template_id is None and row.text == typed(draft.text, "text").strip() and list(row.files) == list(draft.attachments)
    known = ((row.detail or {}).get("template") or {}).get("variables") or {}
    return bool(row.template_id == draft.template_id) and all(known.get(name) == value for name, value in draft.variables.items())
