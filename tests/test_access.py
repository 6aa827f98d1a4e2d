"""Who may go through which door: one reviewed table of every route and role; a route without a row fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute, WebSocketRoute

from channels.phones import MASK
from debts.cards import CreditorCard
from debts.creditors import record_creditor
from inbox.access import reader_by_token
from inbox.parties import add_party
from inbox.promises import Declared, record_payment, record_promise
from inbox.templates import NewTemplate, record_template
from staff.models import Role
from staff.people import record_agent, record_team
from tests.access_table import (
    ABOUT_SOMEBODY,
    NAMES,
    QUERIES,
    ROLES,
    SOCKETS,
    TABLE,
    WHO,
    WITHOUT_A_TOKEN,
    form_of,
    json_of,
)
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.files import kept_file
from tests.running import Running


@dataclass
class Caller:
    """Somebody who asks, with a client of their own to ask about; `ids` are that client's, by their places in routes."""

    visitor: Visitor
    token: str
    client: dict[str, Any]
    ids: dict[str, str]

    async def ask(self, method: str, route: str, *, missing: bool = False, **headers: str) -> httpx.Response:
        """One request, about the client or about nobody."""
        if route.startswith("/api/"):
            given = {"authorization": f"Bearer {self.token}"} if self.token else {}
            body = json_of(route, self.client["ref"]) if method == "POST" else None
            return await self.visitor.ask(method, self._path(route, missing=missing), headers=given, json=body)
        own = {"origin": self.visitor.running.url, "x-csrf-token": self.visitor.csrf} if method != "GET" else {}
        data = form_of(route, self.ids) if method == "POST" else None
        return await self.visitor.ask(method, self._path(route, missing=missing), headers=own | headers, data=data)

    def _path(self, route: str, *, missing: bool) -> str:
        path = route.replace("{name:str}", NAMES.get(route, self.ids["{name:str}"]))
        for place, known in self.ids.items():
            if place.startswith("{"):
                path = path.replace(place, NOBODY if missing and place.endswith("_id:uuid}") else known)
        return f"{path}?{QUERIES[route]}" if route in QUERIES else path


@pytest.fixture(scope="module")
async def callers(house: Running) -> dict[str, Caller]:
    """One caller per role; three more clients wait longer than theirs, for whoever takes the next one."""
    await stranger(house)
    for _ in range(3):
        phone = some_phone()
        await house.new_client(phone)
        await house.client_writes(phone, "hola")
    return {role: await caller_of(house, who) for role, who in WHO.items()}


async def caller_of(house: Running, who: str) -> Caller:
    phone = some_phone()
    client = await house.new_client(phone)
    await house.client_writes(phone, "hola")
    [entry] = await house.timeline(client["id"])
    visitor = await signed_in(house, who) if who else Visitor(house)
    ids = await ids_of(house, client, entry["id"], who)
    return Caller(visitor, house.tokens.get(who, ""), client, ids)


async def ids_of(house: Running, client: dict[str, Any], entry: str, who: str) -> dict[str, str]:
    """What of a client a route or a form may name, and one of each thing that the settings name."""
    debtor = UUID(client["id"])
    async with house.product.work() as tx:
        admin = await reader_by_token(tx, house.tokens["admin"])
        assert admin is not None
        debt, creditor = await tx.row("select id, creditor_id from debt where org_id = :org and debtor_id = :debtor", debtor=debtor)
        author = await reader_by_token(tx, house.tokens.get(who, ""))
        author = author if author is not None and author.writes and author.sees_portfolio(creditor) else admin
        address = await tx.value("select address_id from address_link where org_id = :org and debtor_id = :debtor", debtor=debtor)
        party = await add_party(tx, admin, debtor, debt, "reference", name="Pedro")
        tomorrow = tx.now.date() + timedelta(days=1)
        promise = await record_promise(tx, author, debtor, Declared(Decimal(1000), "COP", tomorrow, debt, uuid4()))
        yesterday = tomorrow - timedelta(days=2)
        payment = await record_payment(tx, author, debtor, Declared(Decimal(1000), "COP", yesterday, debt, uuid4()))
        template = await record_template(tx, admin, NewTemplate("canned", f"Saludo {uuid4().hex[:6]}", "es", "Hola", creditor_id=creditor))
        spare = await record_agent(tx, email=f"{uuid4().hex}@trato.example", name="Paz", role=Role.AGENT, password=house.password("paz"))
        team = await record_team(tx, f"Equipo {uuid4().hex[:6]}", [])
        other = await record_creditor(tx, CreditorCard(f"Banco {uuid4().hex[:6]}"))
    found = {
        "conversation": client["conversation_id"],
        "debtor": debtor,
        "message": entry,
        "attachment": await kept_file(house, client["id"], entry),
        "address": address,
        "party": party,
        "promise": promise,
        "payment": payment,
        "template": template,
        "merge": NOBODY,
        "agent": spare,
        "team": team,
        "creditor": other,
    }
    places = {f"{{{name}_id:uuid}}": str(one) for name, one in found.items()}
    names = {"{message_id:str}": NOBODY, "{name:str}": house.app.state.renderer.bundle_css()[0], "{file_path:path}": "icons.svg"}
    more = {"{path:str}": "nothing", "{token:str}": "forged", "debt": str(debt), "colleague": str(house.agents["luis"])}
    return places | names | more | {"sender": house.settings.twilio_sender}


def test_every_route_has_a_row(house: Running) -> None:
    routes = {
        (method, route.path)
        for route in house.app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }
    assert routes == set(TABLE)
    assert {route.path for route in house.app.routes if isinstance(route, WebSocketRoute)} == SOCKETS


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_gets_what_the_table_says(callers: dict[str, Caller], role: str) -> None:
    caller = callers[role]
    got = {key: (await caller.ask(*key)).status_code for key in TABLE if key != ("POST", "/sign-out")}
    assert got == {key: row[role] for key, row in TABLE.items() if key in got}


CHANGES = [key for key in TABLE if key[0] != "GET" and key not in WITHOUT_A_TOKEN]


@pytest.mark.parametrize(("method", "route"), CHANGES, ids=[" ".join(key) for key in CHANGES])
async def test_no_change_comes_from_another_site_or_without_this_sessions_token(
    callers: dict[str, Caller], method: str, route: str
) -> None:
    admin = callers["admin"]
    forgeries = ({"x-csrf-token": ""}, {"x-csrf-token": callers["agent"].visitor.csrf}, {"origin": "https://evil.example"})
    for forged in (*forgeries, {"sec-fetch-site": "cross-site"}):
        answer = await admin.ask(method, route, **forged)
        assert answer.status_code == 403, (forged, answer.text)
    if route == "/sign-out":
        assert (await admin.visitor.get("/")).status_code == 200


@pytest.mark.parametrize("route", ["/sign-in", "/start", "/welcome/{token:str}"])
async def test_the_doors_of_whoever_is_not_signed_in_refuse_other_sites(callers: dict[str, Caller], route: str) -> None:
    for forged in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await callers["nobody"].ask("POST", route, **forged)).status_code == 403


@pytest.mark.parametrize(("method", "route"), ABOUT_SOMEBODY, ids=[" ".join(key) for key in ABOUT_SOMEBODY])
async def test_missing_and_forbidden_look_the_same(callers: dict[str, Caller], method: str, route: str) -> None:
    foreign, missing = await callers["stranger"].ask(method, route), await callers["stranger"].ask(method, route, missing=True)
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
    ignored = {"date"}
    assert {name: value for name, value in foreign.headers.items() if name not in ignored} == {
        name: value for name, value in missing.headers.items() if name not in ignored
    }
    if TABLE[method, route]["agent"] < 300:
        assert foreign.status_code == 404
        assert (await callers["agent"].ask(method, route, missing=True)).content == missing.content


async def test_a_supervisor_of_another_team_cannot_open_a_client_by_adding_a_debt(house: Running, callers: dict[str, Caller]) -> None:
    client = callers["agent"].client
    await stranger(house, "olga", Role.SUPERVISOR)
    await open_portfolio(house, "Tienda Sol", "Equipo Pacífico")
    async with house.api("olga") as api:
        foreign = await api.post(
            "/api/v1/debtors", json={"ref": client["ref"], "name": "X", "debts": [{"ref": "D-1", "creditor": "Tienda Sol"}]}
        )
        assert foreign.status_code == 404
        assert (await api.get(f"/api/v1/debtors/{client['id']}")).status_code == 404
    async with house.api() as api:
        assert (await api.get(f"/api/v1/debtors/{client['id']}")).json()["name"] == client["name"]


async def test_only_admins_see_a_whole_address(callers: dict[str, Caller]) -> None:
    values = {}
    for role in ("admin", "supervisor", "agent", "reviewer"):
        caller = callers[role]
        answer = await caller.ask("GET", "/api/v1/debtors/{debtor_id:uuid}")
        values[role] = answer.json()["addresses"][0]["value"]
    assert values["admin"] == callers["admin"].client["addresses"][0]["value"]
    assert all(MASK in values[role] for role in ("supervisor", "agent", "reviewer"))


async def test_a_reviewers_screen_offers_nothing_to_press(house: Running, callers: dict[str, Caller]) -> None:
    path = f"/c/{(await house.new_client(some_phone()))['conversation_id']}"
    assert "/claim" not in (await callers["reviewer"].visitor.get(path)).text
    assert "/claim" in (await callers["agent"].visitor.get(path)).text


async def test_reviewers_change_nothing(house: Running, callers: dict[str, Caller]) -> None:
    """Whatever a reviewer sends, all that is new afterwards is their own: what they read, how they like their screen."""
    reviewer = callers["reviewer"]
    sql = (
        "select tablename as name from pg_tables where schemaname = 'public' and tablename !~ '^audit_' and cast(:org as uuid) is not null"
    )
    tables = [row.name for row in await house.rows(sql)]
    own = {"agent", "agent_session", "viewing", "beat", "throttle", "idempotency"}

    async def picture() -> dict[str, tuple[int, int]]:
        found = {}
        for name in tables:
            sql = (
                f"select count(*) as n, coalesce(sum(hashtext(cast(x as text))), 0) as h from {name} x where cast(:org as uuid) is not null"
            )
            [row] = await house.rows(sql)
            found[name] = (row.n, row.h)
        return {name: told for name, told in found.items() if name not in own}

    before = await picture()
    for method, route in TABLE:
        if method != "GET" and route != "/sign-out" and not route.startswith(("/hooks", "/api/v1/clock")):
            assert (await reviewer.ask(method, route)).status_code < 500, route
    assert await picture() == before


async def test_looking_is_written_down_once_per_quarter_of_an_hour(house: Running, callers: dict[str, Caller]) -> None:
    client = await house.new_client(some_phone())
    conversation = client["conversation_id"]
    ana = callers["agent"].visitor
    for path in (f"/c/{conversation}", f"/c/{conversation}/entries?before=5.1", f"/c/{conversation}"):
        assert (await ana.get(path)).status_code == 200
    async with house.api("ana") as api:
        await api.get(f"/api/v1/debtors/{client['id']}/timeline")

    async def viewings() -> int:
        sql = "select count(*) as n from viewing where org_id = :org and agent_id = :agent and debtor_id = cast(:debtor as uuid)"
        [row] = await house.rows(sql, agent=house.agents["ana"], debtor=client["id"])
        return int(row.n)

    async with house.api() as api, ana.line() as line:
        await line.say(
            t="hello", seen={f"conversation:{conversation}": (await api.get(f"/api/v1/debtors/{client['id']}")).json()["revision"]}
        )
        await line.hear("live")
        before = await viewings()
        assert before in (1, 2)  # two, where a quarter of an hour ended just now
        try:
            [row] = await house.rows("select clock_timestamp() + interval '20 minutes' as later")
            assert (await api.post("/api/v1/clock", json={"now": row.later.isoformat()})).status_code == 200
            await house.client_writes(client["addresses"][0]["value"], "sigo aquí")
            await line.hear("frame")
            assert await viewings() == before + 1
        finally:
            assert (await api.post("/api/v1/clock", json={"now": None})).status_code == 200


@pytest.mark.parametrize("role", ROLES)
async def test_signing_out_is_for_everybody(callers: dict[str, Caller], role: str) -> None:
    answer = await callers[role].ask("POST", "/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (await callers[role].visitor.get("/")).status_code == 303
