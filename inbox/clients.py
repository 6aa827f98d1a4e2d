"""Clients from outside: a card becomes a debtor with a conversation, and the conversation knows whose portfolios it is in."""

from __future__ import annotations

from uuid import UUID

from base import audit
from base.db import Tx
from debts.cards import DebtorCard
from debts.people import portfolios_of, record_debtor
from inbox.timeline import lock_thread, new_conversation, touch


async def record_client(tx: Tx, actor: str, card: DebtorCard) -> tuple[UUID, bool]:
    """Insert or update a client by reference; returns the debtor's id, and whether the client is new."""
    debtor, new = await record_debtor(tx, card)
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
