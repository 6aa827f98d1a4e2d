"""Opting out by an agent's hand: a client who said it in their own way, or on the phone, is not written to any more; undone as any act is.

Where their words may mean it, an agent says whether they did: `note_no_more` or `note_not_asked`. The gate lets nothing through before."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from base.db import Tx
from base.errors import Conflict, NotFound
from base.words import N_
from compliance.optouts import record_opt_out, settle_doubt, take_back_opt_outs
from inbox.access import Reader
from inbox.moves import move, stand
from inbox.threads import Thread
from inbox.timeline import touch_sharers

ASKED_NO_MORE, NOT_ASKED = "asked_no_more", "not_asked"


async def note_no_more(tx: Tx, reader: Reader, debtor: UUID, *, address: UUID | None = None, entry: UUID | None = None) -> UUID | None:
    """The client asked not to be written to: at one `address`, at that of their message `entry`, else at all that they have.

    Whoever may see and write to the client may note it, whoever attends them. Returns the event's id, None where all of it was noted already.
    Raises `NotFound` for what is no address to write to of this client.
    """
    standing = await stand(tx, reader, debtor)
    rows = await tx.rows(
        "select l.address_id from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id"
        " where l.org_id = :org and l.debtor_id = :debtor and l.status <> 'wrong_party' and a.channel <> 'voice'"
        " and (cast(:address as uuid) is null or l.address_id = :address) and (cast(:entry as uuid) is null or l.address_id ="
        " (select m.address_id from message m where m.org_id = l.org_id and m.id = :entry and m.debtor_id = l.debtor_id)) order by l.address_id",
        debtor=debtor,
        address=address,
        entry=entry,
    )
    if not rows:
        raise NotFound
    noted = [row.address_id for row in rows if await record_opt_out(tx, row.address_id, "agent")]
    if not noted:
        return None
    told = [str(one) for one in noted]
    event = await move(tx, reader, standing, ASKED_NO_MORE, {}, {"opt_outs": told}, {"addresses": told})
    await _show(tx, standing.thread, noted)
    return event


async def note_not_asked(tx: Tx, reader: Reader, debtor: UUID, address: UUID, entry: UUID) -> UUID:
    """With the words of `entry` the client did not ask for no more messages at an `address`; returns the event's id.

    Raises `NotFound` for what is no address of this client, `Conflict` where somebody answered already or the client wrote so again.
    """
    standing = await stand(tx, reader, debtor)
    channel = await tx.value(
        "select a.channel from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id"
        " where l.org_id = :org and l.debtor_id = :debtor and l.address_id = :address",
        debtor=debtor,
        address=address,
    )
    if channel is None:
        raise NotFound
    if not await settle_doubt(tx, address, entry):
        raise Conflict(N_("This was answered, or the client wrote again. Look at it as it is now."))
    event = await move(tx, reader, standing, NOT_ASKED, {}, {"of": str(entry)}, {"address": address, "of": entry}, channel)
    await _show(tx, standing.thread, [address])
    return event


async def take_back_no_more(tx: Tx, thread: Thread, addresses: Sequence[UUID]) -> None:
    """Undo `note_no_more` for the addresses that it had closed."""
    await take_back_opt_outs(tx, addresses)
    await _show(tx, thread, addresses)


async def _show(tx: Tx, thread: Thread, addresses: Sequence[UUID]) -> None:
    """Others who have the same address see it closed, or open again."""
    for address in addresses:
        await touch_sharers(tx, address, but=thread.conversation_id)
