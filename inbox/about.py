"""What stands about a client beside their timeline: what they promised and paid, who stands beside their accounts, what colleagues noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from base.db import Tx
from inbox.access import Reader
from inbox.parties import parties_of
from inbox.promises import payments_of, promises_of

MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class About:
    """Rows for a panel, each of the portfolios that its reader sees."""

    promises: Sequence[Any]
    payments: Sequence[Any]
    parties: Sequence[Any]
    notes: Sequence[Any]


async def about(tx: Tx, reader: Reader, row: Any) -> About:  # noqa: ANN401 - a row of access_conversation
    """Everything of one client."""
    return About(
        promises=await promises_of(tx, reader, row.debtor_id),
        payments=await payments_of(tx, reader, row.debtor_id),
        parties=await parties_of(tx, reader, row.debtor_id),
        notes=await _notes(tx, reader, row.id),
    )


async def _notes(tx: Tx, reader: Reader, conversation: Any) -> Sequence[Any]:  # noqa: ANN401 - an id
    """The newest notes of colleagues."""
    return await tx.rows(
        "select e.id, e.text, e.received_at, a.name as agent from entry e left join agent a on a.org_id = e.org_id and a.id = e.agent_id"
        " where e.org_id = :org and e.conversation_id = :conversation and e.kind = 'note'"
        " and (:sees_all or e.creditor_id is null or e.creditor_id = any(cast(:portfolios as uuid[])))"
        " order by e.received_at desc, e.position desc limit :limit",
        conversation=conversation,
        limit=MOST_NOTES,
        **reader.rights,
    )
