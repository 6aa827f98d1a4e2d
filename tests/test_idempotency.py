"""Idempotency-Key: for ever, the same owner, key and body are the same resource, however many ask at once."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from staff.sessions import new_token
from tests.doors import some_phone
from tests.running import Running


def key() -> dict[str, str]:
    """A header with a key that nobody used."""
    return {"idempotency-key": uuid.uuid4().hex}


async def bodies(running: Running) -> dict[str, dict[str, Any]]:
    """Every POST of the API, with a body that makes something."""
    client = await running.new_client(some_phone())
    return {
        "/api/v1/creditors": {"name": f"Banco {uuid.uuid4().hex[:6]}"},
        "/api/v1/debtors": {"ref": uuid.uuid4().hex, "name": "Rosa"},
        "/api/v1/debtors/search": {"ref": client["ref"]},
        f"/api/v1/debtors/{client['id']}/messages": {"channel": "sms", "text": "Buenas tardes."},
        "/api/v1/clock": {"now": None},
    }


async def test_every_post_takes_a_key_and_gives_the_same_resource_again(house: Running) -> None:
    async with house.api() as api:
        for path, body in (await bodies(house)).items():
            header = key()
            first, again = await api.post(path, json=body, headers=header), await api.post(path, json=body, headers=header)
            assert first.status_code in (200, 201, 202), first.text
            assert (again.status_code, again.json()) == (first.status_code, first.json()), path
            other = await api.post(path, json=body | {"nonsense": 1}, headers=header)
            assert other.status_code == 422


async def test_a_key_with_another_body_or_door_is_refused_and_changes_nothing(house: Running) -> None:
    client, header = await house.new_client(some_phone()), key()
    path = f"/api/v1/debtors/{client['id']}/messages"
    async with house.api("ana") as api:
        first = await api.post(path, json={"channel": "sms", "text": "uno"}, headers=header)
        assert first.status_code == 202
        for body in ({"channel": "sms", "text": "dos"}, {"text": "uno", "channel": "sms"}):
            other = await api.post(path, json=body, headers=header)
            assert other.status_code == 422
            assert other.json()["errors"][0]["field"] == "Idempotency-Key"
        elsewhere = await api.post("/api/v1/debtors/search", json={"ref": client["ref"]}, headers=header)
        assert elsewhere.status_code == 422
    assert [entry["text"] for entry in await house.timeline(client["id"])] == ["uno"]


async def test_twenty_at_once_are_one_message(house: Running) -> None:
    client, header = await house.new_client(some_phone()), key()
    path = f"/api/v1/debtors/{client['id']}/messages"
    async with house.api("ana") as api:
        answers = await asyncio.gather(*(api.post(path, json={"channel": "sms", "text": "una vez"}, headers=header) for _ in range(20)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(202, answers[0].json()["id"])}
    assert len(await house.timeline(client["id"])) == 1


async def test_twenty_at_once_are_one_client(house: Running) -> None:
    header, body = key(), {"ref": uuid.uuid4().hex, "name": "Rosa", "addresses": [{"channel": "sms", "value": some_phone()}]}
    async with house.api() as api:
        answers = await asyncio.gather(*(api.post("/api/v1/debtors", json=body, headers=header) for _ in range(20)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}


async def test_two_bodies_at_once_under_one_key_are_one_success_and_one_refusal(house: Running) -> None:
    client, header = await house.new_client(some_phone()), key()
    path = f"/api/v1/debtors/{client['id']}/messages"
    async with house.api("ana") as api:
        texts = ("uno", "dos") * 5
        answers = await asyncio.gather(*(api.post(path, json={"channel": "sms", "text": text}, headers=header) for text in texts))
    won = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert len(won) == 1
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [422] * 5
    assert len(await house.timeline(client["id"])) == 1


async def test_a_key_is_its_owners_own_whatever_token_they_use(house: Running) -> None:
    client, header = await house.new_client(some_phone()), key()
    path, body = f"/api/v1/debtors/{client['id']}/messages", {"channel": "sms", "text": "hola"}

    async def send(token: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=house.url, verify=False) as http:
            return await http.post(path, json=body, headers=header | {"authorization": f"Bearer {token}"})

    async with house.product.work() as tx:
        second_token = await new_token(tx, house.agents["ana"])
    hers, again, his = await send(house.tokens["ana"]), await send(second_token), await send(house.tokens["luis"])
    assert hers.json() == again.json()
    assert his.json()["id"] != hers.json()["id"]


async def test_a_refused_send_is_refused_alike_even_when_it_would_be_allowed_by_now(house: Running) -> None:
    phone = some_phone()
    client, header = await house.new_client(phone), key()
    path, body = f"/api/v1/debtors/{client['id']}/messages", {"channel": "sms", "text": "hola"}
    await house.client_writes(phone, "STOP")
    async with house.api("ana") as api:
        first = await api.post(path, json=body, headers=header)
        await house.client_writes(phone, "START")
        again = await api.post(path, json=body, headers=header)
        assert (again.status_code, again.headers["content-type"], again.json()) == (422, "application/problem+json", first.json())
        assert again.json()["verdict"]["rule"] == "opt_out_word"
        assert (await api.post(path, json=body, headers=key())).status_code == 202


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "hola", "to": "+573009999999"}, {"text": "hola", "nope": 1}])
async def test_a_request_that_failed_leaves_its_key_free(house: Running, wrong: dict[str, Any]) -> None:
    client, header = await house.new_client(some_phone()), key()
    path = f"/api/v1/debtors/{client['id']}/messages"
    async with house.api("ana") as api:
        assert (await api.post(path, json={"channel": "sms"} | wrong, headers=header)).status_code == 422
        assert (await api.post(path, json={"channel": "sms", "text": "hola"}, headers=header)).status_code == 202
    rows = await house.rows("select status from idempotency where key = :key", key=header["idempotency-key"])
    assert [row.status for row in rows] == [202]


async def test_a_forbidden_or_missing_client_leaves_the_key_free(house: Running) -> None:
    client, header = await house.new_client(some_phone(), creditor="Cartera Ajena"), key()
    async with house.api("ana") as api:
        path, body = f"/api/v1/debtors/{client['id']}/messages", {"channel": "sms", "text": "hola"}
        assert (await api.post(path, json=body, headers=header)).status_code == 404
        assert await house.rows("select key from idempotency where key = :key", key=header["idempotency-key"]) == []


async def test_a_replay_shows_no_more_than_the_caller_may_see_today(house: Running) -> None:
    """What is kept with a key holds nothing personal: the answer is told anew."""
    header, body = key(), {"ref": uuid.uuid4().hex, "name": "Nombre Secreto", "addresses": [{"channel": "sms", "value": some_phone()}]}
    async with house.api() as api:
        made = await api.post("/api/v1/debtors", json=body, headers=header)
        await api.post("/api/v1/debtors", json={"ref": body["ref"], "name": "Nombre Nuevo"})
        again = await api.post("/api/v1/debtors", json=body, headers=header)
    assert (again.status_code, again.json()["id"], again.json()["name"]) == (201, made.json()["id"], "Nombre Nuevo")
    [row] = await house.rows("select stored::text as stored from idempotency where key = :key", key=header["idempotency-key"])
    assert "Secreto" not in row.stored


async def test_a_key_is_a_line_of_1_to_255_printable_characters(house: Running) -> None:
    body = {"ref": uuid.uuid4().hex, "name": "Rosa"}
    async with house.api() as api:
        for wrong in ("a" * 256, "\xa0", "ab\tc"):
            answer = await api.post("/api/v1/debtors", json=body, headers=[(b"idempotency-key", wrong.encode("latin-1"))])
            assert answer.status_code == 422, wrong
            assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
        for right in ("a" * 255, "Ñ-ü 1", "' or 1=1 --"):
            answer = await api.post("/api/v1/debtors", json=body, headers=[(b"idempotency-key", right.encode("latin-1"))])
            assert answer.status_code in (200, 201)
