"""The demo is written once, all of it in one transaction: a start that was cut short leaves nothing, and a later start finds it there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from base.db import Tx
from base.ids import new_id
from console.demo.book import Book
from console.demo.clients import demo_clients
from console.demo.office import Office
from console.demo.people import COLLEAGUES, CREDITORS, DEMO_PEOPLE, PEOPLE
from console.demo.stories import Story
from console.demo.strangers import receive_strangers, record_parties, record_twin, strangers
from console.demo.templates import write_prepared
from debts.creditors import record_creditor
from inbox.access import Reader
from inbox.product import Product
from staff.models import Role
from staff.passwords import hash_password
from staff.people import record_team

FAILURES = Path(__file__).parent / "failures.json"


async def write_demo(product: Product, agents: Mapping[str, UUID]) -> list[dict[str, Any]] | None:
    """Write creditors, prepared texts, clients and their stories; returns what clients said of late. None where clients are there already."""
    async with product.work() as tx:
        await tx.run("select pg_advisory_xact_lock(hashtextextended('trato.demo', 0))")
        if await tx.value("select exists (select from debtor where org_id = :org)"):
            return None
        office = await _office(tx, product, {**agents, **await _colleagues(tx)})
        clients = demo_clients()
        threads = [Story(office, client).tell() for client in clients]
        record_parties(office, threads)
        record_twin(office, clients)
        receive_strangers(office, strangers(clients))
        await office.book.write(tx)
        return office.recent


async def _colleagues(tx: Tx) -> dict[str, UUID]:
    """Those of whom nobody knows the password: one hash for all of them, of words that were thrown away."""
    found = {person.email: new_id() for person in COLLEAGUES}
    password = hash_password(secrets.token_urlsafe(32))
    await tx.run_many(
        "insert into agent (org_id, id, email, name, role, language, zone, password_hash, active, created_at)"
        " values (:org, :id, :email, :name, :role, :language, :zone, :password, true, :now)",
        [
            {
                "id": found[one.email],
                "email": one.email,
                "name": one.name,
                "role": one.role.value,
                "language": one.language,
                "zone": one.zone,
            }
            | {"password": password}
            for one in COLLEAGUES
        ],
    )
    return found


async def _office(tx: Tx, product: Product, agents: Mapping[str, UUID]) -> Office:
    """Teams, creditors and prepared texts, and what the stories need to know of them."""
    everybody = (*PEOPLE, *DEMO_PEOPLE, *COLLEAGUES)
    for team in dict.fromkeys(team for person in everybody for team in person.teams):
        await record_team(tx, team, [agents[person.email] for person in everybody if team in person.teams])
    creditors = {card.name: await record_creditor(tx, card) for card in CREDITORS}
    admin = PEOPLE[0]
    author = Reader(agents[admin.email], admin.name, admin.email, Role.ADMIN, admin.language, admin.zone, ())
    carrier = product.carriers[0]
    return Office(
        tx=tx,
        book=Book(),
        adapter=carrier.name,
        account=carrier.account,
        agents=dict(agents),
        names={person.email: person.name for person in everybody},
        creditors=creditors,
        third_parties=frozenset(creditors[card.name] for card in CREDITORS if not card.first_party),
        prepared=await write_prepared(tx, author),
        failures=json.loads(FAILURES.read_text(encoding="utf-8")),
    )
