"""Who may go through which door: one reviewed table of every route and role; a route without a row fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute, WebSocketRoute

from channels.phones import MASK
from staff.models import Role
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.files import kept_file
from tests.running import Running, until

WHO = {"admin": "admin", "supervisor": "supervisora", "agent": "ana", "stranger": "eva", "reviewer": "revisora", "nobody": ""}
ROLES = tuple(WHO)


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


def but(status: int, **others: int) -> dict[str, int]:
    return everybody(status) | others


# Pages: whoever is signed out is sent to the door; another team's conversation is not there.
INSIDE = but(200, nobody=303)
READS = but(200, stranger=404, nobody=303)
WRITES = but(200, stranger=404, reviewer=403, nobody=303)
# The API: a bearer token, or 401.
CALLS = but(200, nobody=401)
CALL_READS = but(200, stranger=404, nobody=401)
ADMIN_CALLS = {**everybody(403), "admin": 200, "nobody": 401}

# The status for each role, asked about a client of Banco Aurora, whose team the supervisor and the agent are in.
TABLE: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/health"): everybody(200),
    ("GET", "/ready"): everybody(503),
    ("GET", "/metrics"): everybody(200),
    ("GET", "/sign-in"): but(303, nobody=200),
    ("POST", "/sign-in"): everybody(422),
    ("GET", "/"): INSIDE,
    ("GET", "/queue"): INSIDE,
    ("GET", "/c/{conversation_id:uuid}"): READS,
    ("GET", "/c/{conversation_id:uuid}/entries"): READS,
    ("GET", "/c/{conversation_id:uuid}/entries/{message_id:uuid}/more"): READS,
    ("GET", "/media/{attachment_id:uuid}"): READS,
    ("GET", "/m/{token:str}"): everybody(404),
    ("POST", "/c/{conversation_id:uuid}/attachments"): but(422, stranger=404, reviewer=403, nobody=303),
    ("DELETE", "/c/{conversation_id:uuid}/attachments/{attachment_id:uuid}"): but(404, nobody=303),
    ("POST", "/c/{conversation_id:uuid}/attachments/{attachment_id:uuid}/again"): but(409, stranger=404, reviewer=403, nobody=303),
    ("POST", "/c/{conversation_id:uuid}/messages"): WRITES,
    ("POST", "/c/{conversation_id:uuid}/claim"): WRITES,
    ("POST", "/c/{conversation_id:uuid}/release"): WRITES,
    ("POST", "/c/{conversation_id:uuid}/close"): WRITES,
    ("POST", "/c/{conversation_id:uuid}/reopen"): WRITES,
    ("POST", "/c/{conversation_id:uuid}/read"): but(204, stranger=404, nobody=303),
    ("POST", "/hooks/twilio/message"): everybody(403),
    ("POST", "/hooks/twilio/receipt/{message_id:str}"): everybody(403),
    ("POST", "/api/v1/creditors"): ADMIN_CALLS,
    ("POST", "/api/v1/debtors"): {**everybody(403), "admin": 200, "supervisor": 200, "nobody": 401},
    ("POST", "/api/v1/debtors/search"): CALLS,
    ("GET", "/api/v1/debtors/{debtor_id:uuid}"): CALL_READS,
    ("GET", "/api/v1/debtors/{debtor_id:uuid}/timeline"): CALL_READS,
    ("POST", "/api/v1/debtors/{debtor_id:uuid}/messages"): but(202, stranger=404, reviewer=403, nobody=401),
    ("GET", "/api/v1/messages/{message_id:uuid}"): CALL_READS,
    ("GET", "/api/v1/messages/{message_id:uuid}/raw"): {**everybody(403), "admin": 200, "reviewer": 200, "nobody": 401},
    ("GET", "/api/v1/conversations"): CALLS,
    ("POST", "/api/v1/clock"): {**everybody(404), "admin": 200, "nobody": 401},
    ("GET", "/assets/{name:str}"): everybody(200),
    ("GET", "/static/{file_path:path}"): everybody(200),
    ("GET", "/schema"): everybody(200),
    ("GET", "/schema/openapi.json"): everybody(200),
    ("GET", "/schema/{path:str}"): everybody(404),
    ("POST", "/sign-out"): everybody(303),
}
SOCKETS = {"/live"}
ABOUT_SOMEBODY = [key for key in TABLE if "_id:uuid}" in key[1]]


@dataclass
class Caller:
    """Somebody who asks, with a client of their own to ask about."""

    visitor: Visitor
    token: str
    client: dict[str, Any]
    message: str
    css: str
    attachment: str = NOBODY

    async def ask(self, method: str, route: str, *, missing: bool = False) -> httpx.Response:
        """One request, about the client or about nobody."""
        ids = {
            "{conversation_id:uuid}": self.client["conversation_id"],
            "{debtor_id:uuid}": self.client["id"],
            "{message_id:uuid}": self.message,
            "{attachment_id:uuid}": self.attachment,
        }
        path = route
        for place, known in ids.items():
            path = path.replace(place, NOBODY if missing else known)
        path = path.replace("{message_id:str}", NOBODY).replace("{name:str}", self.css).replace("{file_path:path}", "icons.svg")
        path = path.replace("{path:str}", "nothing").replace("{token:str}", "forged") + (
            "?before=99.1" if path.endswith("/entries") else ""
        )
        if route.startswith("/api/"):
            headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
            return await self.visitor.ask(method, path, headers=headers, json=self._json(route) if method == "POST" else None)
        if method == "DELETE":
            own = {"origin": self.visitor.running.url, "x-csrf-token": self.visitor.csrf}
            return await self.visitor.ask(method, path, headers=own)
        return await (self.visitor.post(path, self._form(route)) if method == "POST" else self.visitor.get(path))

    def _json(self, route: str) -> dict[str, Any]:
        return {
            "/api/v1/creditors": {"name": "Banco Aurora", "type": "bank", "first_party": True, "country": "CO"},
            "/api/v1/debtors": {"ref": self.client["ref"], "name": "Rosa Márquez"},
            "/api/v1/debtors/search": {"ref": self.client["ref"]},
            "/api/v1/debtors/{debtor_id:uuid}/messages": {"channel": "sms", "text": "Buenas tardes."},
            "/api/v1/clock": {"now": None},
        }[route]

    def _form(self, route: str) -> dict[str, Any]:
        token = self.client["conversation_id"]
        forms = {
            "/sign-in": {"email": f"{token}@example.com", "password": "no"},
            "/c/{conversation_id:uuid}/messages": {"channel": "sms", "text": "Hola", "client_token": token, "seen_revision": "99"},
            "/c/{conversation_id:uuid}/read": {"revision": "1"},
        }
        return forms.get(route, {})


@pytest.fixture(scope="module")
async def callers(house: Running) -> dict[str, Caller]:
    """One caller per role."""
    await stranger(house)
    css = house.app.state.renderer.bundle_css()[0]
    found = {}
    for role, who in WHO.items():
        phone = some_phone()
        client = await house.new_client(phone)
        await house.client_writes(phone, "hola")
        [entry] = await house.timeline(client["id"])
        visitor = await signed_in(house, who) if who else Visitor(house)
        found[role] = Caller(
            visitor, house.tokens.get(who, ""), client, entry["id"], css, await kept_file(house, client["id"], entry["id"])
        )
    return found


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


async def test_a_reviewers_screen_offers_nothing_to_press(callers: dict[str, Caller]) -> None:
    page = (await callers["reviewer"].ask("GET", "/c/{conversation_id:uuid}")).text
    assert "/claim" not in page
    assert "/claim" in (await callers["agent"].ask("GET", "/c/{conversation_id:uuid}")).text


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

    before = await viewings()
    assert before in (1, 2)  # two, where a quarter of an hour ended just now
    async with house.api() as api, ana.line() as line:
        await line.say(
            t="hello", seen={f"conversation:{conversation}": (await api.get(f"/api/v1/debtors/{client['id']}")).json()["revision"]}
        )
        await line.hear("live")
        try:
            [row] = await house.rows("select clock_timestamp() + interval '20 minutes' as later")
            assert (await api.post("/api/v1/clock", json={"now": row.later.isoformat()})).status_code == 200
            await house.client_writes(client["addresses"][0]["value"], "sigo aquí")
            await line.hear("frame")
            assert await until(viewings) == before + 1
        finally:
            assert (await api.post("/api/v1/clock", json={"now": None})).status_code == 200


@pytest.mark.parametrize("role", ROLES)
async def test_signing_out_is_for_everybody(callers: dict[str, Caller], role: str) -> None:
    answer = await callers[role].ask("POST", "/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (await callers[role].visitor.get("/")).status_code == 303
