"""Opting out by an agent's hand: a client who said it in their own way, or on the phone, is not written to any more; undone as any act is.

Where their words may mean it, an agent says whether they did: `note_no_more` or `note_not_asked`. The gate lets nothing through before."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from base.db import Tx
from base.errors import Conflict, NotFound
from base.words import N_
from compliance.optouts import lock_noted, open_doubt, record_opt_out, settle_doubt, take_back_opt_outs
from inbox.access import MAY_SEE, Reader
from inbox.moves import move, require_hold, stand
from inbox.threads import Thread
from inbox.timeline import touch_sharers

ASKED_NO_MORE, NOT_ASKED = "asked_no_more", "not_asked"


async def note_no_more(tx: Tx, reader: Reader, debtor: UUID, *, address: UUID | None = None, entry: UUID | None = None) -> UUID | None:
    """The client asked not to be written to: at one `address`, at that of their message `entry`, else at all that they have.

    Whoever may see and write to the client may note it, whoever attends them, and beside a colleague who noted it before: each word stands by
    itself. Returns the event's id, None where the reader had noted all of it already.
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
    addresses = [row.address_id for row in rows]
    await lock_noted(tx, addresses)
    own = await _said(tx, addresses, by=reader.agent_id)
    noted = [one for one in addresses if await record_opt_out(tx, one, "agent") or one not in own]
    if not noted:
        return None
    told = [str(one) for one in noted]
    event = await move(tx, reader, standing, ASKED_NO_MORE, {}, {"opt_outs": told}, {"addresses": told})
    await _show(tx, standing.thread, noted)
    return event


async def note_not_asked(tx: Tx, reader: Reader, debtor: UUID, address: UUID, entry: UUID) -> UUID:
    """With the words of `entry` the client did not ask for no more messages at an `address`; returns the event's id.

    Raises `NotFound` for what is no address of this client, `Conflict` where it is not the reader's to say (see `require_judge`), or where
    somebody answered already or the client wrote so again.
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
    await require_judge(tx, reader, standing.owner, entry)
    if not await settle_doubt(tx, address, entry):
        raise Conflict(N_("This was answered, or the client wrote again. Look at it as it is now."))
    event = await move(
        tx, reader, standing, NOT_ASKED, {}, {"of": str(entry), "address": str(address)}, {"address": address, "of": entry}, channel
    )
    await _show(tx, standing.thread, [address])
    return event


async def require_judge(tx: Tx, reader: Reader, owner: UUID | None, entry: UUID) -> None:
    """Raise `Conflict` for who may not say that the words of `entry` were no request: who cannot read them, for they may be of another client who
    has the same number, and who may not act on the client (attended by `owner`) or on whoever wrote them. That they were one anybody may say."""
    await require_hold(tx, reader, owner)
    words = await tx.row(
        "select c.assigned_agent_id from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
        f" where e.org_id = :org and e.id = :entry and {MAY_SEE}"
        " and (:sees_all or e.creditor_id is null or e.creditor_id = any(cast(:portfolios as uuid[])))",
        entry=entry,
        **reader.rights,
    )
    if words is None:
        raise Conflict(N_("The words came to colleagues of another portfolio: only they can say that it was no such request."))
    await require_hold(tx, reader, words.assigned_agent_id)


async def take_back_no_more(tx: Tx, thread: Thread, act: UUID, addresses: Sequence[UUID]) -> None:
    """Undo `note_no_more`, the event `act`, for the addresses that it had closed. What somebody else noted as well stays closed."""
    await lock_noted(tx, addresses)
    others = await _said(tx, addresses, but=act)
    opened = [one for one in addresses if one not in others]
    await take_back_opt_outs(tx, opened)
    await _show(tx, thread, opened)


async def ask_again(tx: Tx, thread: Thread, address: UUID, entry: UUID) -> None:
    """Undo `note_not_asked`: whether the words of `entry` were a request is open again."""
    await open_doubt(tx, address, entry)
    await _show(tx, thread, [address])


async def _said(tx: Tx, addresses: Sequence[UUID], *, by: UUID | None = None, but: UUID | None = None) -> set[UUID]:
    """Those addresses at which a noted opt-out stands: one `by` an agent, or in another event than `but`. Whoever shares an address counts."""
    if not addresses:
        return set()
    rows = await tx.rows(
        "select distinct o.address_id from opt_out o join address_link l on l.org_id = o.org_id and l.address_id = o.address_id"
        " join conversation c on c.org_id = l.org_id and c.debtor_id = l.debtor_id"
        " join entry e on e.org_id = c.org_id and e.conversation_id = c.id and e.kind = 'event' and e.received_at >= o.at"
        " where o.org_id = :org and o.address_id = any(:addresses) and o.source = 'agent' and o.revoked_at is null"
        " and e.detail ->> 'event' = :event and e.detail -> 'opt_outs' @> to_jsonb(cast(o.address_id as text))"
        " and (cast(:agent as uuid) is null or e.agent_id = :agent) and e.id is distinct from cast(:but as uuid)"
        " and not exists (select from entry u where u.org_id = e.org_id and u.conversation_id = e.conversation_id and u.position > e.position"
        " and u.kind = 'event' and u.detail ->> 'of' = cast(e.id as text))",
        addresses=list(addresses),
        event=ASKED_NO_MORE,
        agent=by,
        but=but,
    )
    return {row.address_id for row in rows}


async def _show(tx: Tx, thread: Thread, addresses: Sequence[UUID]) -> None:
    """Others who have the same address see it closed, or open again."""
    for address in addresses:
        await touch_sharers(tx, address, but=thread.conversation_id)
