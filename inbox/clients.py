"""Clients from outside: a card becomes a debtor with a conversation, and the conversation knows whose portfolios it is in."""

from __future__ import annotations

from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import InvalidField
from debts.cards import OWN_NUMBER, OWN_REFERENCE, DebtorCard
from debts.people import portfolios_of, record_debtor
from inbox.timeline import lock_thread, new_conversation, touch


async def record_client(tx: Tx, actor: str, card: DebtorCard, *, own: bool = False) -> tuple[UUID, bool]:
    """Insert or update a client by reference; returns the debtor's id, and whether the client is new.

    Raises `InvalidField` for a reference of our own phones, except where it is an `own` one that is recorded.
    """
    if card.ref.startswith(OWN_NUMBER) and not own:
        raise InvalidField("ref", OWN_REFERENCE)
    debtor, new = await record_debtor(tx, card)
    if not new:
        await _follow_merge(tx, debtor, card)
    portfolios = await portfolios_of(tx, debtor)
    if new:
        await new_conversation(tx, debtor, "open", portfolios)
    else:
        thread = await lock_thread(tx, debtor)
        await tx.run(
            "update conversation set portfolios = cast(:portfolios as uuid[]) where org_id = :org and id = :conversation",
            portfolios=portfolios,
            conversation=thread.conversation_id,
        )
        await touch(tx, thread.conversation_id)
    await audit.record(tx, actor, "client.recorded", debtor, new=new, addresses=len(card.addresses), debts=len(card.debts))
    return debtor, new


async def _follow_merge(tx: Tx, kept: UUID, card: DebtorCard) -> None:
    """Debts told of somebody who was merged stand with the kept person, and would go back with the one they were told of."""
    await tx.run(
        "update merge g set moved = jsonb_set(g.moved, '{debts}', (g.moved -> 'debts') || told.ids)"
        " from debtor d, (select coalesce(jsonb_agg(b.id), '[]') as ids from debt b join creditor r on r.org_id = b.org_id and r.id = b.creditor_id"
        " join unnest(cast(:creditors as text[]), cast(:refs as text[])) as c (creditor, ref) on c.creditor = r.name and c.ref = b.ref"
        " where b.org_id = :org and b.debtor_id = :kept) told"
        " where g.org_id = :org and g.kept_id = :kept and g.undone_at is null and d.org_id = :org and d.id = g.merged_id and d.ref = :ref",
        kept=kept,
        ref=card.ref,
        creditors=[debt.creditor for debt in card.debts],
        refs=[debt.ref for debt in card.debts],
    )
