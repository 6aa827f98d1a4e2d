"""Contact acts: every contact in either direction, as the law will count it. The inbox writes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from base.db import Tx
from base.ids import new_id


async def record_act(
    tx: Tx,
    debtor: UUID,
    entry: UUID,
    channel: str,
    direction: str,
    purpose: str | None = None,
    *,
    address: UUID | None = None,
    at: datetime | None = None,
) -> None:
    """Note one contact, for the moment at which it happens: that of a scheduled message is when it is due. The caller holds the debtor's lock."""
    await tx.run(
        "insert into contact_act (org_id, id, debtor_id, entry_id, address_id, channel, direction, purpose, at)"
        " values (:org, :id, :debtor, :entry, cast(:address as uuid), :channel, :direction, :purpose, :at)",
        id=new_id(),
        debtor=debtor,
        entry=entry,
        channel=channel,
        direction=direction,
        purpose=purpose,
        address=address,
        at=at or tx.now,
    )


# The same within the statement that proves (as ``first``) that a client's word is told for the first time: it counts once, as it is kept once.
# What the carrier had for a while before we heard of it counts from then, never from a moment to come.
HEARD_ONCE = (
    "insert into contact_act (org_id, id, debtor_id, entry_id, address_id, channel, direction, at)"
    " select :org, :act, :person, :entry, :address, :channel, 'in', least(coalesce(cast(:carrier_at as timestamptz), :now), :now) from first"
)


async def move_act(tx: Tx, entry: UUID, at: datetime) -> None:
    """A message will leave at another moment: so its contact counts then."""
    await tx.run("update contact_act set at = :at where org_id = :org and entry_id = :entry and released_at is null", entry=entry, at=at)


async def release_act(tx: Tx, entry: UUID) -> None:
    """A message that certainly never left gives its slot back."""
    await tx.run("update contact_act set released_at = :now where org_id = :org and entry_id = :entry and released_at is null", entry=entry)
