"""The JSON API, word by word: what others rely on are these names, shapes and answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from console.api import resources
from tests.carrier import post_receipt, reaches, scenario
from tests.doors import NOBODY, open_portfolio, some_phone, stranger
from tests.running import Running, until

ENTRY = "id position revision kind channel direction state text subject quoted attachments carrier_id carrier_at received_at agent".split()


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of an answer, which every error is told with."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.text
    return body


def wrong_field(answer: httpx.Response) -> str:
    """The path of the one field that a 422 complains of."""
    [one] = problem(answer, 422)["errors"]
    assert one["problem"]
    return str(one["field"])


async def test_a_creditor_is_recorded_by_name(house: Running) -> None:
    card = {
        "name": "Tienda Luna",
        "tax_id": "900123456-7",
        "type": "store",
        "first_party": True,
        "country": "CO",
        "payment_destinations": [{"kind": "account", "bank": "Banco Aurora", "number": "***1234"}],
        "team": "Equipo Andes",
    }
    async with house.api() as api:
        first, again = await api.post("/api/v1/creditors", json=card), await api.post("/api/v1/creditors", json=card | {"type": "telecom"})
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json()["id"] == again.json()["id"]
        assert again.json()["type"] == "telecom"
        assert wrong_field(await api.post("/api/v1/creditors", json=card | {"team": "Nadie"})) == "team"
        assert wrong_field(await api.post("/api/v1/creditors", json=card | {"type": "shop"})) == "type"


async def test_a_client_is_recorded_by_reference_and_what_is_absent_stays(house: Running) -> None:
    card = {
        "ref": "CL-1",
        "name": "Rosa Márquez",
        "national_id": "52.345.678",
        "birth_date": "1985-04-12",
        "country": "CO",
        "region": "ANT",
        "city": "Medellín",
        "language": "es",
        "timezone": "America/Bogota",
        "addresses": [
            {
                "channel": "sms",
                "value": "300 765 4321",
                "since": "2024-01-31",
                "consent": {"source": "contract", "at": "2024-01-31T10:00:00-05:00", "clause": "Autorizo el contacto por este número."},
            },
            {"channel": "email", "value": "Rosa@Example.com"},
            {"channel": "whatsapp", "value": "+573007654321"},
            {"channel": "sms", "value": "+57 300 12"},
        ],
        "debts": [
            {
                "ref": "D-1",
                "creditor": "Banco Aurora",
                "product_last4": "4321",
                "total_due": "2480000.50",
                "minimum_due": "310000",
                "currency": "COP",
                "due_on": "2026-10-15",
                "days_past_due": 37,
                "payment_reference": "778899",
                "legal_state": "none",
            }
        ],
    }
    async with house.api() as api:
        made = await api.post("/api/v1/debtors", json=card)
        assert made.status_code == 201
        told = made.json()
        assert {name: told[name] for name in ("ref", "name", "country", "region", "city", "language", "timezone")} == {
            name: card[name] for name in ("ref", "name", "country", "region", "city", "language", "timezone")
        }
        assert [(one["channel"], one["value"], one["status"]) for one in told["addresses"]] == [
            ("sms", "+573007654321", "unproven"),
            ("email", "Rosa@Example.com", "unproven"),
            ("whatsapp", "+573007654321", "unproven"),
            ("sms", "+57 300 12", "invalid"),
        ]
        [debt] = told["debts"]
        assert debt | {"id": ""} == card["debts"][0] | {"id": "", "total_due": "2480000.5000", "minimum_due": "310000.0000"}  # type: ignore[index]
        again = await api.post("/api/v1/debtors", json={"ref": "CL-1", "name": "Rosa M. Márquez"})
        assert again.status_code == 200
        assert again.json() | {"name": "", "revision": 0} == told | {"name": "", "revision": 0}
        assert (await api.get(f"/api/v1/debtors/{told['id']}")).json() == again.json()


async def test_money_is_kept_digit_by_digit(house: Running) -> None:
    async with house.api() as api:
        body = '{"ref":"M-1","name":"A","debts":[{"ref":"M-1","creditor":"Banco Aurora","total_due":123456789012.1234,"currency":"COP"}]}'
        made = await api.post("/api/v1/debtors", content=body, headers={"content-type": "application/json"})
        assert made.json()["debts"][0]["total_due"] == "123456789012.1234"
        for amount in ("NaN", "1e13", "1.00001", "Infinity", "doce"):
            debt = {"ref": "M-2", "creditor": "Banco Aurora", "total_due": amount, "currency": "COP"}
            field = wrong_field(await api.post("/api/v1/debtors", json={"ref": "M-2", "name": "A", "debts": [debt]}))
            assert field == "debts[0].total_due"
        debt = {"ref": "M-2", "creditor": "Banco Aurora", "total_due": "1"}
        assert wrong_field(await api.post("/api/v1/debtors", json={"ref": "M-2", "name": "A", "debts": [debt]})) == "debts[0].currency"


async def test_an_unknown_creditor_is_made_and_seen_by_the_admin_until_a_team_serves_it(house: Running) -> None:
    client = await house.new_client(some_phone(), creditor="Energía del Sur")
    async with house.api() as admin, house.api("ana") as ana:
        assert (await admin.get(f"/api/v1/debtors/{client['id']}")).status_code == 200
        problem(await ana.get(f"/api/v1/debtors/{client['id']}"), 404)
        await open_portfolio(house, "Energía del Sur", "Equipo Andes")
        assert (await ana.get(f"/api/v1/debtors/{client['id']}")).status_code == 200


async def test_a_debt_belongs_to_one_client(house: Running) -> None:
    client = await house.new_client(some_phone())
    async with house.api() as api:
        debt = {"ref": client["debts"][0]["ref"], "creditor": "Banco Aurora"}
        problem(await api.post("/api/v1/debtors", json={"ref": "CL-other", "name": "B", "debts": [debt]}), 409)
        assert (await api.post("/api/v1/debtors/search", json={"ref": "CL-other"})).json()["items"] == []


async def test_clients_are_found_by_any_way_of_writing_a_number_by_email_and_by_reference(house: Running) -> None:
    addresses = [{"channel": "sms", "value": "+5491144556677"}, {"channel": "email", "value": "Juan.Perez@example.com"}]
    client = await house.new_client(country="AR", addresses=addresses)
    async with house.api("ana") as api:
        for wanted in (
            {"phone": "+5491144556677"},
            {"phone": "+541144556677"},
            {"phone": "+54 9 11 4455-6677"},
            {"email": "juan.perez@EXAMPLE.com"},
            {"ref": client["ref"]},
        ):
            found = (await api.post("/api/v1/debtors/search", json=wanted)).json()
            assert [one["id"] for one in found["items"]] == [client["id"]], wanted
        assert (await api.post("/api/v1/debtors/search", json={"phone": "+5491100000000"})).json() == {"items": [], "next": None}
        for body in ({}, {"phone": "+5491144556677", "ref": "x"}, {"ref": None}):
            problem(await api.post("/api/v1/debtors/search", json=body), 422)


async def test_a_timeline_is_paged_by_position_and_a_change_comes_again_after_its_revision(house: Running, house_worker: None) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    for number in range(5):
        await house.client_writes(phone, f"mensaje {number}")
    path = f"/api/v1/debtors/{client['id']}/timeline"
    await scenario(house, "receipts", phone, never=True)
    async with house.api("ana") as api:
        sent = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Con gusto."})
        assert sent.status_code == 202
        message = sent.json()["id"]
        assert await reaches(house, message, "sent") == "sent"
        before = (await api.get(path)).json()
        pages, cursor = [], None
        while True:
            page = (await api.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            pages.append([entry["position"] for entry in page["entries"]])
            cursor = page["next"]
            if cursor is None:
                break
        assert pages == [[1, 2], [3, 4], [5, 6]]
        for entry in before["entries"]:
            assert set(ENTRY) <= set(entry)

        receipt = await post_receipt(house, message, before["entries"][-1]["carrier_id"], "delivered")
        assert receipt.status_code < 300
        later = (await api.get(path, params={"since": before["revision"]})).json()
        assert [(one["id"], one["position"], one["state"]) for one in later["entries"]] == [(message, 6, "delivered")]
        # The cursor of a question goes on with that question, whether it is asked again or not.
        first = (await api.get(path, params={"since": 2, "limit": 1})).json()
        rest = (await api.get(path, params={"cursor": first["next"]})).json()
        assert [one["position"] for one in rest["entries"]] == [
            one["position"] for one in (await api.get(f"{path}?since=2")).json()["entries"]
        ][1:]


async def test_entries_say_who_wrote_what_and_when(house: Running) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    sid = await house.client_writes(phone, "¿Puedo pagar el viernes?")
    async with house.api("ana") as api:
        message = (await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Claro."})).json()
        [(name,)] = await house.rows("select name from agent where id = :agent", agent=house.agents["ana"])
        heard, said = (await api.get(f"/api/v1/debtors/{client['id']}/timeline")).json()["entries"]
        assert {name: heard[name] for name in ("kind", "channel", "direction", "state", "text", "carrier_id", "agent", "attachments")} == {
            "kind": "message",
            "channel": "sms",
            "direction": "in",
            "state": "received",
            "text": "¿Puedo pagar el viernes?",
            "carrier_id": sid,
            "agent": None,
            "attachments": [],
        }
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", heard["received_at"])
        assert (said["id"], said["direction"], said["agent"]) == (message["id"], "out", name)
        one = (await api.get(f"/api/v1/messages/{message['id']}")).json()
        assert {name: one[name] for name in ("id", "position", "text")} == {name: said[name] for name in ("id", "position", "text")}
        assert (one["debtor_id"], one["conversation_id"]) == (client["id"], client["conversation_id"])
        problem(await api.get(f"/api/v1/messages/{NOBODY}"), 404)


async def test_raw_is_what_the_carrier_sent_and_reading_it_is_in_the_ledger(house: Running, house_worker: None) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    sid = await house.client_writes(phone, "Sí señora, mañana pago €5")
    [entry] = await house.timeline(client["id"])
    async with house.api("revisora") as api:
        raw = await api.get(f"/api/v1/messages/{entry['id']}/raw")
        assert raw.status_code == 200
        assert raw.headers["content-type"] == "application/octet-stream"
        assert sid.encode() in raw.content
        assert b"%C3%AD" in raw.content
    async with house.api("ana") as api:
        sent = (await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Gracias."})).json()
    async with house.api() as api:
        problem(await api.get(f"/api/v1/messages/{sent['id']}/raw"), 404)

    async def sealed() -> int:
        sql = "select count(*) from audit_entry where body::jsonb ->> 'action' = 'message.raw_read' and body::jsonb -> 'detail' ->> 'message' = :entry"
        [(count,)] = await house.rows(sql, entry=entry["id"])
        return int(count)

    assert await until(sealed) == 1


async def test_a_message_is_accepted_or_refused_with_the_verdict(house: Running) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    path = f"/api/v1/debtors/{client['id']}/messages"
    body = {"channel": "sms", "text": "Buenas tardes."}
    async with house.api("ana") as api:
        accepted = await api.post(path, json=body | {"purpose": "reminder", "debt_ref": client["debts"][0]["ref"], "to": phone})
        assert accepted.status_code == 202
        assert set(accepted.json()) == {"id", "state", "due_at"}
        assert accepted.json()["state"] == "queued"
        reply = await api.post(path, json=body | {"reply_to": accepted.json()["id"]})
        assert reply.status_code == 422, "no carrier of ours would show the client what is answered"
        await house.client_writes(phone, "BAJA")
        refused = await api.post(path, json=body)
        verdict = problem(refused, 422)["verdict"]
        assert (verdict["allowed"], verdict["rule"]) == (False, "opt_out_word")
        assert "BAJA" in verdict["text"]
        assert [one["status"] for one in (await api.get(f"/api/v1/debtors/{client['id']}")).json()["addresses"]] == ["opted_out"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("channel", {"channel": "fax"}),
        ("channel", {"channel": "email"}),
        ("channel", {"channel": None}),
        ("text", {"text": "  "}),
        ("text", {"text": "a" * 1601}),
        ("text", {"text": 5}),
        ("purpose", {"purpose": "gossip"}),
        ("reply_to", {"reply_to": NOBODY}),
        ("reply_to", {"reply_to": "x"}),
        ("debt_ref", {"debt_ref": "nothing"}),
        ("to", {"to": "+573000000000"}),
        ("template", {"template": "hello", "text": ""}),
        ("not_before", {"not_before": "2000-01-01T00:00:00Z"}),
        ("colour", {"colour": "red"}),
    ],
)
async def test_what_is_wrong_with_a_message_is_named(house: Running, field: str, change: dict[str, Any]) -> None:
    async with house.api() as api:
        known = (await api.post("/api/v1/debtors/search", json={"ref": "FIELDS"})).json()["items"]
        client = known[0] if known else await house.new_client(some_phone(), ref="FIELDS")
        answer = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "Hola"} | change)
        assert wrong_field(answer) == field
        assert await house.timeline(client["id"]) == []


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("nope", {"nope": 1}),
        ("name", {"name": 5}),
        ("name", {"name": " "}),
        ("birth_date", {"birth_date": "12/04/1985"}),
        ("country", {"country": "Colombia"}),
        ("timezone", {"timezone": "Bogotá"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("addresses", {"addresses": {}}),
        (
            "addresses[1].nope",
            {"addresses": [{"channel": "sms", "value": "+573001112233"}, {"channel": "sms", "value": "+573001112233", "nope": 1}]},
        ),
        ("addresses[0].channel", {"addresses": [{"channel": "fax", "value": "1"}]}),
        ("addresses[0].value", {"addresses": [{"channel": "sms", "value": "abc"}]}),
        ("addresses[0].value", {"addresses": [{"channel": "email", "value": "abc"}]}),
        ("addresses[0].since", {"addresses": [{"channel": "sms", "value": "+573001112233", "since": "ayer"}]}),
        ("addresses[0].since", {"addresses": [{"channel": "sms", "value": "+573001112233", "since": "0001-01-01T00:00:00+14:00"}]}),
        ("addresses[0].consent.at", {"addresses": [{"channel": "sms", "value": "+573001112233", "consent": {"at": "ayer"}}]}),
        ("addresses[0].consent.who", {"addresses": [{"channel": "sms", "value": "+573001112233", "consent": {"who": "x"}}]}),
        ("debts[0].days_past_due", {"debts": [{"ref": "x", "creditor": "Banco Aurora", "days_past_due": "30"}]}),
        ("debts[0].due_on", {"debts": [{"ref": "x", "creditor": "Banco Aurora", "due_on": "2026-02-30"}]}),
        ("debts[0].currency", {"debts": [{"ref": "x", "creditor": "Banco Aurora", "currency": "XQQ"}]}),
        ("debts[0].nope", {"debts": [{"ref": "x", "creditor": "Banco Aurora", "nope": 1}]}),
    ],
)
async def test_what_is_wrong_with_a_client_is_named_and_nothing_is_kept(house: Running, field: str, change: dict[str, Any]) -> None:
    async with house.api() as api:
        assert wrong_field(await api.post("/api/v1/debtors", json={"ref": "WRONG", "name": "A", "country": "CO"} | change)) == field
        assert (await api.post("/api/v1/debtors/search", json={"ref": "WRONG"})).json()["items"] == []


async def test_conversations_are_listed_by_state_and_agent_page_by_page(house: Running) -> None:
    phones = [some_phone() for _ in range(5)]
    for phone in phones:
        await house.client_writes(phone, "hola")
    async with house.api("ana") as api:
        everything: list[str] = []
        cursor = None
        while True:
            page = (
                await api.get("/api/v1/conversations", params={"state": "triage", "limit": 2} | ({"cursor": cursor} if cursor else {}))
            ).json()
            everything += [one["id"] for one in page["items"]]
            assert all(one["state"] == "triage" and set(one) >= {"id", "debtor_id"} for one in page["items"])
            cursor = page["next"]
            if cursor is None:
                break
        assert len(everything) == len(set(everything)) >= 5
        whole = (await api.get("/api/v1/conversations?state=triage&assigned=&limit=200")).json()["items"]
        assert [one["id"] for one in whole] == everything
        moments = [one["last_at"] for one in whole]
        assert moments == sorted(moments, reverse=True)
        nobodys = str(house.agents["supervisora"])  # who answers for others and attends nobody
        assert (await api.get("/api/v1/conversations", params={"assigned": nobodys})).json() == {"items": [], "next": None}
        for field, value in (("state", "lost"), ("assigned", "x"), ("limit", "0"), ("limit", "x"), ("cursor", "x")):
            assert wrong_field(await api.get("/api/v1/conversations", params={field: value})) == field


async def test_the_clock_moves_for_every_process_and_goes_on_from_there(house: Running) -> None:
    there = datetime(2027, 3, 14, 15, 9, 26, tzinfo=UTC)
    client = await house.new_client(phone := some_phone())
    async with house.api() as api:
        try:
            moved = await api.post("/api/v1/clock", json={"now": there.isoformat()})
            assert moved.status_code == 200
            await house.client_writes(phone, "desde el futuro")
            [entry] = await house.timeline(client["id"])
            assert there <= datetime.fromisoformat(entry["received_at"]) < there + timedelta(hours=1)
            for now in (5, "ayer", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"):
                assert wrong_field(await api.post("/api/v1/clock", json={"now": now})) == "now"
        finally:
            back = await api.post("/api/v1/clock", json={"now": None})
        assert (back.status_code, back.json()) == (200, {"now": None})
        assert wrong_field(await api.post("/api/v1/clock", json={})) == "body"


async def test_without_a_good_token_there_is_no_answer(house: Running) -> None:
    tokens = ["", "Bearer", "Bearer nonsense", "Basic YTpi", f"Token {house.tokens['ana']}", "Bearer \xff", "Bearer ' or 1=1"]
    async with httpx.AsyncClient(base_url=house.url, timeout=60, verify=False) as http:
        for token in tokens:
            answer = await http.get("/api/v1/conversations", headers=[(b"authorization", token.encode("latin-1"))])
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
    await stranger(house, "iris")
    async with house.api("iris") as api:
        assert (await api.get("/api/v1/conversations")).status_code == 200
        for sql in ("update api_token set revoked_at = now() where agent_id = :agent", "update agent set active = false where id = :agent"):
            async with house.product.db.transaction() as tx:
                await tx.run(sql, agent=house.agents["iris"])
            problem(await api.get("/api/v1/conversations"), 401)
            async with house.product.db.transaction() as tx:
                await tx.run("update api_token set revoked_at = null where agent_id = :agent", agent=house.agents["iris"])


async def test_every_error_is_told_as_a_problem(house: Running) -> None:
    async with house.api() as api:
        json = {"content-type": "application/json"}
        problem(await api.get("/api/v1/nothing"), 404)
        problem(await api.get("/api/v1/debtors/not-an-id"), 404)
        assert "POST" in problem_headers(await api.get("/api/v1/creditors"), 405)["allow"]
        problem(await api.post("/api/v1/debtors", content=b"x" * 1_100_000, headers=json), 413)
        problem(await api.post("/api/v1/debtors", content=b"<ref/>", headers={"content-type": "text/xml"}), 415)
        for broken in (b"{", b'{"ref": "a",}', b"\xff", b'{"ref":"\\ud800","name":"b"}', b"not json"):
            problem(await api.post("/api/v1/debtors", content=broken, headers=json), 400)
        for empty in (b"", b"null", b"[]", b'"text"'):
            assert wrong_field(await api.post("/api/v1/debtors", content=empty, headers=json)) == "body"


def problem_headers(answer: httpx.Response, status: int) -> httpx.Headers:
    """The headers of an error that is told as a problem."""
    problem(answer, status)
    return answer.headers


async def test_the_description_names_every_route_with_what_it_takes_and_answers(house: Running) -> None:
    async with house.api() as http:
        told = await http.get("/schema")
        assert (await http.get("/schema/openapi.json")).json() == told.json()
    assert "json" in told.headers["content-type"]
    described = told.json()
    assert described["openapi"].startswith("3.")
    operations = {(method.upper(), path): body for path, one in described["paths"].items() for method, body in one.items()}
    assert set(operations) == {
        ("POST", "/api/v1/creditors"),
        ("POST", "/api/v1/debtors"),
        ("POST", "/api/v1/debtors/search"),
        ("GET", "/api/v1/debtors/{debtor_id}"),
        ("GET", "/api/v1/debtors/{debtor_id}/timeline"),
        ("POST", "/api/v1/debtors/{debtor_id}/messages"),
        ("GET", "/api/v1/messages/{message_id}"),
        ("DELETE", "/api/v1/messages/{message_id}"),
        ("GET", "/api/v1/templates"),
        ("POST", "/api/v1/templates"),
        ("DELETE", "/api/v1/templates/{template_id}"),
        ("GET", "/api/v1/debtors/{debtor_id}/templates"),
        ("GET", "/api/v1/messages/{message_id}/raw"),
        ("GET", "/api/v1/conversations"),
        ("POST", "/api/v1/clock"),
    }
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    for (method, path), operation in operations.items():
        assert operation["description"], path
        assert ("requestBody" in operation) == (method == "POST"), path
        success = [status for status in operation["responses"] if status.startswith("2")]
        assert success, path
        assert "application/problem+json" in operation["responses"]["401"]["content"], path
        if not path.endswith("/raw"):
            assert all("$ref" in operation["responses"][status]["content"]["application/json"]["schema"] for status in success), path
    assert set(described["components"]["schemas"]["Entry"]["properties"]) >= set(ENTRY)
    assert described["security"] == [{"token": []}]


async def test_answers_are_of_the_described_shapes_and_say_nothing_more(house: Running) -> None:
    phone = some_phone()
    client = await house.new_client(phone)
    await house.client_writes(phone, "hola")
    [entry] = await house.timeline(client["id"])
    async with house.api("ana") as api:
        answers: dict[type[resources.Resource], httpx.Response] = {
            resources.Debtor: await api.get(f"/api/v1/debtors/{client['id']}"),
            resources.Timeline: await api.get(f"/api/v1/debtors/{client['id']}/timeline"),
            resources.Message: await api.get(f"/api/v1/messages/{entry['id']}"),
            resources.Conversations: await api.get("/api/v1/conversations"),
            resources.Debtors: await api.post("/api/v1/debtors/search", json={"phone": phone}),
        }
    async with house.api() as api:
        answers[resources.Creditor] = await api.post("/api/v1/creditors", json={"name": "Banco Aurora", "type": "bank"})
    for shape, answer in answers.items():
        read = msgspec.json.decode(answer.content, type=shape)
        assert msgspec.to_builtins(read) == answer.json()
