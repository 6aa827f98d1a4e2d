"""The product's clock: moved in every process at once by an admin beside the simulator, let go again, and never with a live carrier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.carrier import queue, reaches, scenario
from tests.running import FAR, Running

PHONE = "+573001234567"


async def move(running: Running, now: str | None, who: str = "admin", key: str | None = None) -> httpx.Response:
    async with running.api(who) as api:
        return await api.post("/api/v1/clock", json={"now": now}, headers={"idempotency-key": key} if key else {})


async def arrived_at(running: Running, debtor: str) -> datetime:
    await running.client_writes(PHONE, "¿qué hora es?")
    return datetime.fromisoformat((await running.timeline(debtor))[-1]["received_at"])


@pytest.mark.usefixtures("worker", "moved")
async def test_web_and_worker_go_by_the_moved_clock_as_soon_as_the_door_answers(running: Running) -> None:
    client = await running.new_client(PHONE)
    assert FAR <= await arrived_at(running, client["id"]) < FAR + timedelta(minutes=1)
    message = await queue(running, client["id"])
    await reaches(running, message, "delivered")
    (row,) = await running.rows("select due_at, expires_at, attempt_at from message where org_id = :org and direction = 'out'")
    assert FAR <= row.due_at < FAR + timedelta(minutes=1)
    assert row.expires_at > row.due_at
    assert row.attempt_at < datetime.now(UTC) + timedelta(minutes=1), "leases go by the database's own clock"
    verdicts = await running.rows("select stage, at from verdict where org_id = :org order by id")
    assert [row.stage for row in verdicts] == ["composed", "delivered"]
    assert all(FAR <= row.at < FAR + timedelta(minutes=1) for row in verdicts), "the worker judged by it too"


@pytest.mark.usefixtures("worker")
async def test_the_clock_is_moved_again_and_let_go_in_every_process(running: Running) -> None:
    client = await running.new_client(PHONE)
    try:
        assert (await move(running, FAR.isoformat())).status_code == 200
        async with running.product.work() as tx:
            assert tx.now >= FAR
        assert (await move(running, "2031-03-04T10:00:00-05:00")).status_code == 200
        assert FAR <= await arrived_at(running, client["id"]) < FAR + timedelta(minutes=1)
    finally:
        assert (await move(running, None)).status_code == 200
    assert abs(await arrived_at(running, client["id"]) - datetime.now(UTC)) < timedelta(minutes=1)
    beats = await running.rows(
        "select b.clock_version, s.version from beat b join clock_shift s on s.org_id = b.org_id where b.org_id = :org"
    )
    assert len(beats) == 2
    assert all(row.clock_version == row.version for row in beats)


async def test_the_same_key_moves_the_clock_once(running: Running) -> None:
    try:
        for _ in range(2):
            assert (await move(running, FAR.isoformat(), key="once")).status_code == 200
        (row,) = await running.rows("select version from clock_shift where org_id = :org")
        assert row.version == 1
    finally:
        await move(running, None)


async def test_only_an_admin_beside_the_simulator_moves_it(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("supervisora", "ana", "revisora"):
        assert (await move(running, FAR.isoformat(), who)).status_code == 404
    assert (await move(running, "tomorrow")).status_code in (400, 422)
    monkeypatch.setattr(running.app.state, "settings", replace(running.settings, carrier="live"))
    assert (await move(running, FAR.isoformat())).status_code == 404
    assert await running.rows("select version from clock_shift where org_id = :org") == []


@pytest.mark.usefixtures("worker")
async def test_what_expired_by_the_moved_clock_is_withheld(running: Running) -> None:
    client = await running.new_client(PHONE)
    await scenario(running, "throttled", PHONE, retry_after=1)
    message = await queue(running, client["id"])
    try:
        assert (await move(running, FAR.isoformat())).status_code == 200
        assert await reaches(running, message, "withheld") == "withheld"
    finally:
        await move(running, None)
