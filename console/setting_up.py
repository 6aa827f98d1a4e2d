"""The first start: the organisation's key, and with DEMO=1 an admin and a small team with clients to try things on.

Without the demo nobody works here until somebody opens ``/start`` with the code that is printed and kept in a file; then the file goes.
Passwords of the demo's people are made from this installation's own secret, so they are the same at every start and nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import httpx

from base.db import Tx
from base.log import log
from base.settings import Settings
from console.demo import DEMO_TEAM, DemoClient, demo_clients, write_demo
from console.first_code import keep_code
from inbox.product import Product
from staff.founding import is_unclaimed, start_code
from staff.models import Role
from staff.people import agent_by_email, record_agent, record_team

_SYLLABLES = "ba be bi bo bu da de di do du fa fe fi fo ga go la le li lo lu ma me mi mo mu na ne ni no ra re ri ro ru sa se si so ta te ti to va ve vi".split()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the first people."""

    email: str
    name: str
    role: Role


PEOPLE = (Person("admin@trato.example", "Administración", Role.ADMIN),)
DEMO_PEOPLE = (
    Person("supervisora@trato.example", "Marta Quintero", Role.SUPERVISOR),
    Person("ana@trato.example", "Ana Restrepo", Role.AGENT),
    Person("luis@trato.example", "Luis Cárdenas", Role.AGENT),
    Person("revisora@trato.example", "Irene Salcedo", Role.REVIEWER),
)


async def set_up(product: Product) -> None:
    """Make what is missing. Running it again changes nothing."""
    async with product.work() as tx:
        await _organisation_key(tx)
        if not product.settings.demo:
            unclaimed = await is_unclaimed(tx)
        else:
            agents = {person.email: await _person(tx, product.settings, person) for person in PEOPLE + DEMO_PEOPLE}
    if not product.settings.demo:
        keep_code(product, unclaimed=unclaimed)
        return
    async with product.work() as tx:
        team = await record_team(tx, DEMO_TEAM, [agents[person.email] for person in DEMO_PEOPLE if person.role is not Role.REVIEWER])
    clients = demo_clients()
    await write_demo(product, team, agents, clients)
    if product.settings.simulated:
        await _introduce(product.settings, clients)


async def people_lines(product: Product) -> list[str]:
    """The demo's people, one a line: email, password, name and role. Without it, how the first person comes in, while nobody has."""
    settings = product.settings
    if settings.demo:
        people = PEOPLE + DEMO_PEOPLE
        return [f"{person.email:<28} {password_of(settings, person.email):<18} {person.name}, {person.role.value}" for person in people]
    async with product.db.transaction() as tx:
        if not await is_unclaimed(tx):
            return []
        code = start_code(settings.session_key, tx.org)
    return ["Nobody yet. Become the first administrator here:", f"{settings.public_url}/start?code={code}"]


def password_of(settings: Settings, email: str) -> str:
    """The first password of a person: three made-up words and a number, from this installation's secret."""
    digest = hmac.digest(settings.session_key.encode(), f"password of {email}".encode(), hashlib.sha256)
    parts = ["".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[start : start + 2]) for start in (0, 2, 4)]
    return f"{'-'.join(parts)}-{int.from_bytes(digest[6:8]) % 90 + 10}"


async def _organisation_key(tx: Tx) -> None:
    """The key for what belongs to nobody, such as requests in quarantine."""
    if await tx.row("select person_id from person_key where org_id = :org and person_id = :org") is None:
        await tx.new_person_key(tx.org)


async def _person(tx: Tx, settings: Settings, person: Person) -> UUID:
    """The person's id; an existing one keeps the password and role they have by now."""
    known = await agent_by_email(tx, person.email)
    if known is not None:
        return known
    return await record_agent(tx, email=person.email, name=person.name, role=person.role, password=password_of(settings, person.email))


async def _introduce(settings: Settings, clients: list[DemoClient]) -> None:
    """Tell the simulator whom its phones belong to, so that they can be played by hand."""
    people = [{"name": client.name, "number": client.phone} for client in clients]
    try:
        async with httpx.AsyncClient(timeout=5) as http:
            answer = await http.post(f"http://127.0.0.1:{settings.simulator_port}/_simulator/clients", json=people)
            answer.raise_for_status()
    except httpx.HTTPError as error:
        log.warning("seed.simulator_not_told", reason=type(error).__name__)
