"""What is in the database before a benchmark: a hundred agents who are signed in, two hundred clients, one of whom writes a lot."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from uuid import UUID

import httpx

from base.db import Tx
from base.ids import new_id
from base.settings import Settings
from console.demo.people import PEOPLE
from console.session import cookie_name
from console.setting_up import set_up
from inbox.product import open_product
from staff.models import Role
from staff.people import record_agent, record_team
from staff.sessions import SESSION_HOURS, hash_of, new_token

AGENTS = 100
CLIENTS = 200
CONVERSATIONS = 10
_BUSIEST_SHARE = 0.04
_TEAM = "Equipo Andes"
_CREDITOR = "Banco Aurora"


@dataclass(frozen=True, slots=True)
class People:
    """Who works here: the admin's token, and the session secret of every agent."""

    token: str
    secrets: list[str]


@dataclass(frozen=True, slots=True)
class Clients:
    """Who writes: phones, how often each of them does, and whose they are, in the same order."""

    phones: list[str]
    weights: list[float]
    debtors: list[str]


async def make_people(settings: Settings) -> People:
    """The admin, a team that serves one creditor, and agents who are signed in. They share one password: nobody will type it."""
    product = await open_product(settings)
    try:
        await set_up(product)
        async with product.work() as tx:
            first = await record_agent(
                tx, email="agent0@trato.example", name="Agent 0", role=Role.AGENT, password=secrets.token_urlsafe(16), language="es"
            )
            agents = [first, *[await _same_password(tx, first, number) for number in range(1, AGENTS)]]
            await record_team(tx, _TEAM, agents)
            admin = await record_agent(tx, email=PEOPLE[0].email, name=PEOPLE[0].name, role=Role.ADMIN, password=secrets.token_urlsafe(16))
            return People(await new_token(tx, admin), [await signed_in(tx, agent) for agent in agents])
    finally:
        await product.close()


async def _same_password(tx: Tx, first: UUID, number: int) -> UUID:
    agent: UUID = await tx.value(
        "insert into agent (org_id, id, email, name, role, language, zone, password_hash, active, created_at)"
        " select org_id, :id, :email, :name, role, language, zone, password_hash, true, :now from agent where org_id = :org and id = :first"
        " returning id",
        id=new_id(),
        email=f"agent{number}@trato.example",
        name=f"Agent {number}",
        first=first,
    )
    return agent


async def signed_in(tx: Tx, agent: UUID) -> str:
    """A session as signing in makes it; a hundred forms from one address would rightly be throttled."""
    secret = secrets.token_urlsafe(32)
    await tx.run(
        "insert into agent_session (org_id, id_hash, agent_id, created_at, seen_at, ends_at)"
        " values (:org, :hash, :agent, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(hours => :hours))",
        hash=hash_of(secret),
        agent=agent,
        hours=SESSION_HOURS,
    )
    return secret


async def make_clients(settings: Settings, token: str) -> Clients:
    """Clients of one creditor, recorded over the API; how often they write falls with their rank, and the first one writes 4 % of all."""
    phones = [f"+57300{1_000_000 + number}" for number in range(CLIENTS)]
    async with _api(settings, token) as api:
        creditor = {"name": _CREDITOR, "type": "bank", "first_party": True, "country": "CO", "team": _TEAM}
        (await api.post("/api/v1/creditors", json=creditor)).raise_for_status()
        at_once = asyncio.Semaphore(8)
        debtors = await asyncio.gather(*(_client(api, at_once, number, phone) for number, phone in enumerate(phones)))
    return Clients(phones, _weights(CLIENTS), debtors)


async def _client(api: httpx.AsyncClient, at_once: asyncio.Semaphore, number: int, phone: str) -> str:
    card = {
        "ref": f"C-{number:04}",
        "name": f"Rosa Márquez {number}",
        "country": "CO",
        "city": "Bogotá",
        "addresses": [{"channel": "sms", "value": phone}],
        "debts": [{"ref": f"D-{number:04}", "creditor": _CREDITOR, "total_due": "248000", "currency": "COP", "days_past_due": 40}],
    }
    async with at_once:
        answer = await api.post("/api/v1/debtors", json=card)
    answer.raise_for_status()
    return str(answer.json()["id"])


async def topics_of(settings: Settings, token: str, debtors: list[str]) -> dict[str, int]:
    """The topics of these clients' conversations, with their revisions as they are now."""
    found: dict[str, int] = {}
    async with _api(settings, token) as api:
        for debtor in debtors:
            page = (await api.get(f"/api/v1/debtors/{debtor}")).raise_for_status().json()
            found[f"conversation:{page['conversation_id']}"] = int(page["revision"])
    return found


def _api(settings: Settings, token: str) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", headers=headers, timeout=30)


def _weights(number: int) -> list[float]:
    """Zipf's law, with the first one cut to its share."""
    rest = [1 / rank for rank in range(2, number + 1)]
    return [_BUSIEST_SHARE, *[(1 - _BUSIEST_SHARE) * weight / sum(rest) for weight in rest]]


def cookie(settings: Settings, secret: str) -> dict[str, str]:
    """The headers with which an agent's browser opens its live line."""
    return {"Cookie": f"{cookie_name(settings)}={secret}", "Origin": settings.origin}
