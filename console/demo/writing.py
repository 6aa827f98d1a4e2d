"""The demo is written once, all of it in one transaction: a start that was cut short leaves nothing, and a later start finds it there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from base.db import Tx
from base.settings import Settings
from console.demo.book import Book
from console.demo.clients import DemoClient, demo_clients
from console.demo.people import COLLEAGUES, CREDITORS, DEMO_PEOPLE, PEOPLE
from console.demo.stories import Story
from console.demo.strangers import receive_strangers, record_parties, record_twin, strangers
from console.demo.telling import Office
from console.demo.templates import write_prepared
from debts.creditors import record_creditor
from inbox.access import Reader
from inbox.product import Product
from inbox.timeline import TOPIC_OF_LISTS
from staff.models import Role

_FAILURES = Path(__file__).parent / "failures.json"


async def write_demo(product: Product, agents: Mapping[str, UUID]) -> list[dict[str, Any]] | None:
    """Write creditors, prepared texts, clients and their stories; returns what clients said of late. None where clients are there already."""
    async with product.work() as tx:
        await tx.run("select pg_advisory_xact_lock(hashtextextended('trato.demo', 0))")
        if await tx.value("select exists (select from debtor where org_id = :org)"):
            return None
        creditors = {card.name: await record_creditor(tx, card) for card in CREDITORS}
        office = await _office(tx, product, agents, creditors)
        clients = demo_clients()
        threads = [Story(office, client).tell() for client in clients]
        record_parties(office, threads)
        record_twin(office, clients)
        receive_strangers(office, strangers(clients))
        await office.book.write(tx)
        return office.recent
