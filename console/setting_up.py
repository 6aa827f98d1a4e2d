"""The first start: the organisation's key, and with DEMO=1 an admin and a small team with clients to try things on.

Without the demo nobody works here until somebody opens ``/start`` with the code that is printed and kept in a file; then the file goes.
Passwords of the demo's people are made from this installation's own secret, so they are the same at every start and nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from base.db import Tx
from base.settings import Settings
from console.demo.introducing import introduce
from console.demo.people import DEMO_PEOPLE, PEOPLE, Person
from console.demo.writing import write_demo
from console.first_code import keep_code
from inbox.product import Product
from staff.founding import is_unclaimed, start_code
from staff.people import agent_by_email, list_agents, record_agent

_SYLLABLES = "ba be bi bo bu da de di do du fa fe fi fo ga go la le li lo lu ma me mi mo mu na ne ni no ra re ri ro ru sa se si so ta te ti to va ve vi".split()


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
    recent = await write_demo(product, agents)
    if recent and product.settings.simulated:
        await introduce(product, recent)


async def people_lines(product: Product) -> list[str]:
    """The demo's people, one a line: email, password, name and role. Without it, how the first person comes in, while nobody has."""
    settings = product.settings
    if settings.demo:
        people = PEOPLE + DEMO_PEOPLE
        lines = [f"{person.email:<28} {password_of(settings, person.email):<18} {person.name}, {person.role.value}" for person in people]
        async with product.db.transaction() as tx:
            others = len(await list_agents(tx)) - len(people)
        return [*lines, f"and {others} colleagues: `trato invite EMAIL` prints a link for one of them"] if others > 0 else lines
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
