"""Health, readiness and metrics: true words about what works, and nothing about anybody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from tests.doors import Visitor, signed_in, some_phone
from tests.running import Running, until
from tests.servers import Servers


async def ask(running: Running, path: str, **headers: str) -> httpx.Response:
    return await Visitor(running).get(path, **headers)


async def test_a_process_that_answers_lives(house: Running) -> None:
    answer = await ask(house, "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_without_a_worker_nothing_is_ready_and_it_is_said_why(house: Running) -> None:
    answer = await ask(house, "/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "ok", "worker": "not seen in the last 30 seconds", "redis": "ok"}


async def test_a_worker_makes_it_ready_for_thirty_seconds(house: Running) -> None:
    beat = "insert into beat (org_id, process, kind, at, clock_version) values (:org, gen_random_uuid(), :kind, clock_timestamp() - make_interval(secs => :ago), 0)"
    for kind, ago, status in (("worker", 31, 503), ("web", 0, 503), ("worker", 15, 200)):
        async with house.product.db.transaction() as tx:
            await tx.run(beat, kind=kind, ago=ago)
        assert (await ask(house, "/ready")).status_code == status, (kind, ago)
    async with house.product.db.transaction() as tx:
        await tx.run("delete from beat where org_id = :org and kind = 'worker'")


async def test_a_running_worker_makes_it_ready(house: Running, house_worker: None) -> None:
    async def ready() -> bool:
        return (await ask(house, "/ready")).status_code == 200

    await until(ready)
    assert (await ask(house, "/ready")).json() == {"status": "ok", "database": "ok", "worker": "ok", "redis": "ok"}


async def test_redis_is_reported_and_not_needed(house: Running, house_worker: None, servers: Servers) -> None:
    await asyncio.to_thread(servers.kill_redis)
    try:
        answer = await ask(house, "/ready")
        assert (answer.status_code, answer.json()["redis"]) == (200, "does not answer")
    finally:
        await asyncio.to_thread(servers.start_redis)
    await until(house.product.bus.alive)
    assert (await ask(house, "/ready")).json()["redis"] == "ok"


async def test_without_the_database_there_are_clear_words_at_every_door_and_all_comes_back(house: Running, servers: Servers) -> None:
    ana = await signed_in(house)
    client = await house.new_client(some_phone())
    await asyncio.to_thread(servers.stop_postgres, "immediate")
    try:
        ready = await ask(house, "/ready")
        assert ready.status_code == 503
        assert ready.json() | {"redis": ""} == {"status": "not ready", "database": "does not answer", "worker": "unknown", "redis": ""}
        assert (await ask(house, "/health")).status_code == 200
        async with house.api() as api:
            problem = await api.get(f"/api/v1/debtors/{client['id']}")
        assert (problem.status_code, problem.headers["content-type"], problem.headers["retry-after"]) == (
            503,
            "application/problem+json",
            "1",
        )
        page = await ana.get(f"/c/{client['conversation_id']}")
        assert page.status_code == 503
        assert "text/html" in page.headers["content-type"]
        assert "Traceback" not in page.text + problem.text
        async with ana.line() as line:
            assert await line.closed() == 4503
    finally:
        await asyncio.to_thread(servers.start_postgres)

    async def back() -> bool:
        return (await ana.get(f"/c/{client['conversation_id']}")).status_code == 200

    await until(back)


async def test_metrics_are_for_whoever_brings_the_token_and_closed_without_one(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = await signed_in(house, "admin")
    assert (await admin.get("/metrics")).status_code == 404
    for nothing in ("Bearer", ""):
        assert (await ask(house, "/metrics", authorization=nothing)).status_code == 404
    open_metrics(house, monkeypatch)
    for wrong in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Basic {TOKEN}", "Bearer"):
        assert (await ask(house, "/metrics", authorization=wrong)).status_code == 404, wrong
    assert (await admin.get("/metrics")).status_code == 404
    assert (await ask(house, "/metrics", authorization=f"Bearer {TOKEN}")).status_code == 200


async def test_the_description_of_the_api_is_for_those_who_may_call_it_and_for_colleagues(house: Running) -> None:
    for path in ("/schema", "/schema/openapi.json", "/schema/nothing"):
        for nobody in ({}, {"authorization": "Bearer forged"}):
            answer = await ask(house, path, **nobody)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "paths" not in answer.text
    assert (await (await signed_in(house, "revisora")).get("/schema")).status_code == 200
    async with house.api("luis") as api:
        assert "/api/v1/debtors" in (await api.get("/schema")).json()["paths"]


TOKEN = "a-token-of-the-monitoring"


def open_metrics(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with ``METRICS_TOKEN`` in the settings."""
    monkeypatch.setattr(house.app.state, "product", replace(house.product, settings=replace(house.settings, metrics_token=TOKEN)))


async def test_metrics_count_by_route_and_name_nobody(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    open_metrics(house, monkeypatch)
    client = await house.new_client(phone := some_phone())
    await house.client_writes(phone, "hola")
    async with house.api() as api:
        await api.get(f"/api/v1/debtors/{client['id']}")
    answer = await ask(house, "/metrics", authorization=f"Bearer {TOKEN}")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'trato_http_seconds_count{method="GET",route="/api/v1/debtors/{debtor_id}",status="200"}' in answer.text
    assert 'trato_webhooks_total{door="twilio/message",outcome="recorded"}' in answer.text
    assert "trato_live_sockets " in answer.text
    for personal in (client["id"], client["conversation_id"], phone, "Rosa"):
        assert personal not in answer.text
