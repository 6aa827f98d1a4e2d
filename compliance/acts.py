"""Contact acts: every contact in either direction, as the law will count it. The inbox writes them."""

from __future__ import annotations

from uuid import UUID

from base.db import Tx
from base.ids import new_id


async def record_act(tx: Tx, debtor: UUID, entry: UUID, channel: str, direction: str, purpose: str | None = None) -> None:
    """Note one contact. The caller holds the debtor's lock."""
    await tx.run(
        "insert into contact_act (org_id, id, debtor_id, entry_id, channel, direction, purpose, at)"
        " values (:org, :id, :debtor, :entry, :channel, :direction, :purpose, :now)",
        id=new_id(),
        debtor=debtor,
        entry=entry,
        channel=channel,
        direction=direction,
        purpose=purpose,
    )


async def release_act(tx: Tx, entry: UUID) -> None:
    """A message that certainly never left gives its slot back."""
    await tx.run("update contact_act set released_at = :now where org_id = :org and entry_id = :entry and released_at is null", entry=entry)
