"""The demo's data, written through the product's own functions at moments of the last days: one creditor, some sixty clients, their stories."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import format_currency

from base.db import Tx
from base.ids import new_id
from channels.contract import Channel, Inbound
from channels.phones import parse_phone
from channels.segments import count
from compliance.acts import record_act
from compliance.gate import Contact, Stage, judge
from console.demo_stories import STORIES, TRIAGE_LINES, Line
from debts.cards import AddressCard, CreditorCard, DebtCard, DebtorCard
from debts.creditors import record_creditor
from inbox.clients import record_client
from inbox.product import Product
from inbox.receiving import receive
from inbox.addressing import best_address
from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, append, lock_thread

DEMO_TEAM = "Equipo Andes"
CREDITOR = "Banco Aurora"
_CLIENTS = 60
_SEED = 7
_FIRST = (
    "Rosa Héctor Liliana Jorge Patricia Andrés Marcela Óscar Claudia Wilson Sandra Julián Beatriz Ramiro Paola Fabián Gloria Édgar Nubia Camilo"
    " Yolanda Mauricio Diana Germán Milena Rodrigo Amparo Felipe Esperanza Hernán"
).split()
_LAST = (
    "Márquez Rojas Cifuentes Ospina Peñalosa Lozano Bermúdez Castaño Villegas Ariza Quiroga Tabares Suárez Niño Montoya Galvis"
    " Saldarriaga Pardo Useche Lemus Zuluaga Acevedo"
).split()
_CITIES = (("Bogotá", "DC"), ("Medellín", "ANT"), ("Cali", "VAC"), ("Barranquilla", "ATL"), ("Bucaramanga", "SAN"), ("Pereira", "RIS"))
_AGENTS = ("ana@trato.example", "luis@trato.example")


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A made-up client."""

    number: int
    name: str
    phone: str
    city: str
    region: str
    total: Decimal
    minimum: Decimal
    days_late: int
    last4: str
    story: tuple[Line, ...]

    @property
    def ref(self) -> str:
        """The creditor's reference."""
        return f"BA-{self.number:05d}"


def demo_clients() -> list[DemoClient]:
    """The same clients at every start."""
    chance = random.Random(_SEED)  # noqa: S311 - made-up people, no secret
    clients = []
    for number in range(1, _CLIENTS + 1):
        city, region = chance.choice(_CITIES)
        total = Decimal(chance.randrange(180_000, 4_800_000, 10_000))
        clients.append(
            DemoClient(
                number=number,
                name=f"{_FIRST[(number - 1) % len(_FIRST)]} {chance.choice(_LAST)} {chance.choice(_LAST)}",
                phone=f"+573{chance.choice(('00', '01', '02', '10', '11', '14', '15', '20'))}{chance.randrange(10**6, 10**7)}",
                city=city,
                region=region,
                total=total,
                minimum=(total * Decimal("0.12")).quantize(Decimal(1000)),
                days_late=chance.choice((0, 3, 8, 15, 22, 38, 61, 95)),
                last4=f"{chance.randrange(10**4):04d}",
                story=STORIES[(number - 1) % len(STORIES)],
            )
        )
    return clients


async def write_demo(product: Product, team: UUID, agents: Mapping[str, UUID], clients: list[DemoClient]) -> None:
    """Write what is missing: each client and their story in a transaction of its own, so that a start that was cut short goes on."""
    async with product.work() as tx:
        await tx.run(
            "insert into serving (org_id, creditor_id, team_id) values (:org, :creditor, :team) on conflict do nothing",
            creditor=await record_creditor(tx, _creditor()),
            team=team,
        )
        known = {row.ref for row in await tx.rows("select ref from debtor where org_id = :org and ref like 'BA-%'")}
        strangers = await tx.value("select count(*) from debtor where org_id = :org and kind = 'provisional'")
    for client in clients:
        if client.ref not in known:
            await _write_client(product, agents, client)
    if not known and not strangers:
        await _write_strangers(product)


def _creditor() -> CreditorCard:
    destinations = [{"kind": "pse", "name": "PSE Banco Aurora"}, {"kind": "cash", "name": "Corresponsales Banco Aurora"}]
    return CreditorCard(CREDITOR, "900123456-1", "bank", first_party=True, country="CO", payment_destinations=destinations)


async def _write_client(product: Product, agents: Mapping[str, UUID], client: DemoClient) -> None:
    agent = _AGENTS[client.number % 2]
    async with product.work() as tx:
        now = tx.now
        moments = _moments(now, client)
        tx.now = moments[0] - timedelta(minutes=1)
        debtor, _ = await record_client(tx, "system:demo", _card(client, now.date()))
        for (speaker, _, text), at in zip(client.story, moments, strict=True):
            tx.now = at
            if speaker == "<":
                await receive(tx, _inbound(client, product, _say(text, client, agent)), f"demo {client.ref} {at}".encode())
            else:
                await _write_outbound(tx, debtor, agents[agent], _say(text, client, agent))
        await _settle(tx, debtor, agents[agent], client)


def _moments(now: datetime, client: DemoClient) -> list[datetime]:
    """When each line was said: the last one some minutes to some days ago, the most recent clients first."""
    end = now - timedelta(minutes=4 + client.number * client.number * 2)
    moments = [end]
    for _, minutes, _ in reversed(client.story[1:]):
        moments.insert(0, moments[0] - timedelta(minutes=max(minutes, 1)))
    return moments


def _card(client: DemoClient, today: date) -> DebtorCard:
    phone = parse_phone(client.phone, "CO")
    debt = DebtCard(
        ref=f"AUR-{client.number:06d}",
        creditor=CREDITOR,
        product_last4=client.last4,
        total_due=client.total,
        minimum_due=client.minimum,
        currency="COP",
        due_on=today - timedelta(days=client.days_late),
        days_past_due=client.days_late,
        payment_reference=f"88{client.number:06d}",
    )
    return DebtorCard(
        ref=client.ref,
        name=client.name,
        national_id=f"10{client.number:08d}",
        country="CO",
        region=client.region,
        city=client.city,
        language="es",
        zone="America/Bogota",
        addresses=(AddressCard("sms", phone.dialable, phone.match_key, consent={"source": "contrato", "clause": "12"}),),
        debts=(debt,),
    )


def _say(text: str, client: DemoClient, agent: str) -> str:
    def money(amount: Decimal) -> str:
        return format_currency(amount, "COP", "¤ #,##0", locale="es_CO", currency_digits=False)

    return text.format(
        first=client.name.split()[0],
        agent=agent.split("@")[0].capitalize(),
        last4=client.last4,
        minimum=money(client.minimum),
        half=money((client.minimum / 2).quantize(Decimal(1000))),
        reference=f"88{client.number:06d}",
    )


def _inbound(client: DemoClient, product: Product, text: str) -> Inbound:
    return Inbound(
        adapter="demo",
        account="demo",
        external_id=str(new_id()),
        channel=Channel.SMS,
        sender=client.phone,
        recipient=product.settings.twilio_sender,
        text=text,
    )


async def _write_outbound(tx: Tx, debtor: UUID, agent: UUID, text: str) -> None:
    """A message of the past: judged as any other, and delivered already."""
    thread = await lock_thread(tx, debtor)
    address: Any = await best_address(tx, debtor, "sms")
    message = new_id()
    verdict = await judge(tx, Contact(debtor, message, "sms", address.address_id, "collection"), Stage.COMPOSED)
    entry = NewEntry(kind="message", id=message, channel="sms", direction="out", text=text, agent_id=agent)
    delivery = NewMessage(
        state=State.DELIVERED,
        address_id=address.address_id,
        purpose="collection",
        adapter="demo",
        verdict_id=verdict.id,
        segments=count(text).segments,
    )
    await append(tx, thread, entry, delivery)
    await record_act(tx, debtor, message, "sms", "out", "collection")


async def _settle(tx: Tx, debtor: UUID, agent: UUID, client: DemoClient) -> None:
    """Every third conversation is somebody's, old answered ones are closed, and what was answered is read."""
    answered = client.story[-1][0] == ">"
    closed = client.number > _CLIENTS * 2 // 3
    owner = agent if client.number % 3 == 0 and not closed else None
    await tx.run(
        "update conversation set assigned_agent_id = cast(:owner as uuid), state = case when :closed then 'closed' else state end,"
        " read_position = case when :read then position else read_position end where org_id = :org and debtor_id = :debtor",
        owner=owner,
        closed=closed,
        read=answered or closed,
        debtor=debtor,
    )


async def _write_strangers(product: Product) -> None:
    for number, text in enumerate(TRIAGE_LINES):
        async with product.work() as tx:
            tx.now -= timedelta(minutes=11 + 47 * number)
            word = Inbound("demo", "demo", str(new_id()), Channel.SMS, f"+5731355501{number:02d}", product.settings.twilio_sender, text)
            await receive(tx, word, f"demo stranger {number}".encode())
