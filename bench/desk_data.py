"""What the desk shows while it is measured: six hundred clients with stories of fifty lines, one of five thousand, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from base.db import Tx
from base.settings import Settings
from bench.data import signed_in
from channels.phones import match_key
from debts.cards import AddressCard, CreditorCard, DebtCard, DebtorCard
from debts.creditors import record_creditor
from inbox.clients import record_client
from inbox.product import Product, open_product
from inbox.states import RANKS, State
from staff.models import Role
from staff.people import record_agent, record_team

CLIENTS: Final = 600
LINES: Final = 50
LONG_LINES: Final = 5_000
OWNED: Final = 300
_TEAM, _CREDITOR = "Equipo Sur", "Caja Horizonte"
_AT_ONCE: Final = 50
_SAID: Final = (
    "Buenas tardes, ¿puedo pagar la mitad el viernes y el resto a fin de mes?",
    "Claro que sí. Le propongo dos pagos iguales; el primero puede ser el viernes.",
    "Listo, gracias.",
    "¿A qué cuenta hago la transferencia? La última vez cambió el número y no quiero equivocarme.",
    "Con gusto se lo envío por aquí. El pago se refleja al día hábil siguiente y le confirmamos apenas llegue.",
    "Ya hice el pago ayer en la tarde, ¿me confirman por favor?",
)


@dataclass(frozen=True, slots=True)
class Story:
    """A client with a conversation, by the phone they write from."""

    phone: str
    conversation: UUID
    debtor: UUID


@dataclass(frozen=True, slots=True)
class Desks:
    """Two agents who are signed in, the stories of the first one, those that nobody has, and the longest of all."""

    owner: str
    colleague: str
    stories: Sequence[Story]
    free: Sequence[Story]
    longest: Story


async def make_desks(settings: Settings) -> Desks:
    """Two agents of one team, its portfolio and its clients with their stories; nothing of it is in anybody else's lists."""
    product = await open_product(settings)
    try:
        async with product.work() as tx:
            owner, colleague = [await _agent(tx, number) for number in range(2)]
            await record_team(tx, _TEAM, [owner, colleague])
            await record_creditor(tx, CreditorCard(name=_CREDITOR, type="bank", first_party=True, country="CO", team=_TEAM))
            secrets = [await signed_in(tx, agent) for agent in (owner, colleague)]
        await _record_clients(product)
    finally:
        await product.close()
    found = await _tell_stories(settings, owner)
    return Desks(secrets[0], secrets[1], found[1:OWNED], found[OWNED:], found[0])


async def _agent(tx: Tx, number: int) -> UUID:
    return await record_agent(
        tx, email=f"desk{number}@trato.example", name=f"Desk {number}", role=Role.AGENT, password=f"no one types {number}", language="es"
    )


async def _record_clients(product: Product) -> None:
    for start in range(0, CLIENTS, _AT_ONCE):
        async with product.work() as tx:
            for number in range(start, start + _AT_ONCE):
                await record_client(tx, "bench", _card(number))


def _phone(number: int) -> str:
    return f"+57310{2_000_000 + number}"


def _card(number: int) -> DebtorCard:
    debt = DebtCard(ref=f"S-{number:04}", creditor=_CREDITOR, total_due=Decimal(248_000), currency="COP", days_past_due=40)
    return DebtorCard(
        ref=f"S-{number:04}",
        name=f"Liliana Peñalosa {number}",
        country="CO",
        city="Bogotá",
        addresses=(AddressCard("sms", _phone(number), match_key(_phone(number))),),
        debts=(debt,),
    )


async def _tell_stories(settings: Settings, owner: UUID) -> list[Story]:
    """Every conversation's lines in three statements; told one by one, as in production, they would take a minute."""
    connection = await asyncpg.connect(settings.migrator_database_url)
    try:
        rows = await connection.fetch(
            "select c.id, c.debtor_id from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
            " where d.ref like 'S-%' order by d.ref"
        )
        stories = [Story(_phone(number), row["id"], row["debtor_id"]) for number, row in enumerate(rows)]
        ids = [story.conversation for story in stories]
        await connection.execute(_ENTRIES, ids[1:], LINES, owner, list(_SAID))
        await connection.execute(_ENTRIES, ids[:1], LONG_LINES, owner, list(_SAID))
        await connection.execute(_MESSAGES, ids, RANKS[State.RECEIVED], RANKS[State.DELIVERED])
        await connection.execute(_HEADS, ids, ids[:OWNED], owner)
        await connection.execute("analyze")
    finally:
        await connection.close()
    return stories


# Lines end an hour ago and are ten minutes apart.
_ENTRIES = (
    "insert into entry (org_id, id, conversation_id, position, revision, first_revision, kind, channel, direction, creditor_id, agent_id, text, detail,"
    " received_at) select c.org_id, gen_random_uuid(), c.id, i, i + 1, i + 1, 'message', 'sms', case when i % 2 = 1 then 'in' else 'out' end,"
    " c.portfolios[1], case when i % 2 = 0 then $3::uuid end, ($4::text[])[1 + i % cardinality($4::text[])], '{}',"
    " now() - interval '1 hour' - ($2::int - i) * interval '10 minutes' - (c.n % 600) * interval '1 second'"
    " from (select x.*, row_number() over (order by x.id) as n from conversation x where x.id = any($1::uuid[])) c, generate_series(1, $2::int) i"
)
_MESSAGES = (
    "insert into message (org_id, id, debtor_id, conversation_id, direction, channel, state, rank, address_id, agent_id, token, attempts, state_at)"
    " select e.org_id, e.id, c.debtor_id, c.id, e.direction, e.channel, case e.direction when 'in' then 'received' else 'delivered' end,"
    " case e.direction when 'in' then $2::int else $3::int end, l.address_id, e.agent_id, 0, 1, e.received_at"
    " from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
    " join address_link l on l.org_id = c.org_id and l.debtor_id = c.debtor_id where c.id = any($1::uuid[])"
)
_HEADS = (
    "update conversation c set position = e.position, revision = e.position + 1, card_revision = e.position + 1, last_entry_id = e.id,"
    " last_at = e.received_at, last_inbound_position = e.position - 1, read_position = e.position,"
    " assigned_agent_id = case when c.id = any($2::uuid[]) then $3::uuid end"
    " from (select distinct on (conversation_id) conversation_id, id, position, received_at from entry where conversation_id = any($1::uuid[])"
    " order by conversation_id, received_at desc, position desc) e where e.conversation_id = c.id"
)
