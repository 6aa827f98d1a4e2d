"""Money noted by mistake is taken back by whoever noted it, while nothing came of it; what happened stays for all to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from base.errors import Conflict
from inbox import promises
from inbox.access import reader_by_token
from tests.carrier import pending_of
from tests.desk import equals_a_fresh_render
from tests.running import Running
from tests.test_people import desk
from tests.writing import at_desk, rosa

KINDS = ("promise", "payment")
NOTED = {"promise": "promise.recorded", "payment": "payment.declared"}
DONE = {"promise": "Promesa anotada", "payment": "Pago anotado"}


def form(kind: str, amount: str = "120000") -> dict[str, str]:
    days = 2 if kind == "promise" else -2
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return {"client_token": str(uuid4()), "amount": amount, "currency": "COP", "day": "other", "on": day}


async def noted(running: Running, client: dict[str, Any], kind: str, who: str = "ana") -> str:
    """The path of something that one of them has just noted."""
    values = form(kind)
    async with desk(running, who) as http:
        answer = await http.post(f"/c/{client['conversation_id']}/{kind}s", values)
        assert answer.status_code == 200, answer.text
        assert DONE[kind] in answer.text
        path = f"/c/{client['conversation_id']}/{kind}s/{values['client_token']}"
        assert f'hx-post="{path}/take-back"' in answer.text, "what was just noted is taken back with one key"
    return path


async def take(running: Running, path: str, who: str) -> tuple[int, str]:
    async with desk(running, who) as http:
        answer = await http.post(f"{path}/take-back")
    return answer.status_code, unquote(answer.headers.get("x-problem", "")) or answer.text


async def state_of(running: Running, path: str) -> str:
    _, _, _, table, record = path.split("/")
    [row] = await running.rows(f"select state from {table[:-1]} where org_id = :org and id = :id", id=UUID(record))
    return str(row.state)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_stays_in_the_timeline_and_says_that_it_does_not_count(running: Running, kind: str) -> None:
    client = await rosa(running)
    path = await noted(running, client, kind)
    status, text = await take(running, path, "ana")
    assert (status, "Deshecho" in text) == (200, True)
    assert "no cuenta" in text, "the line as it is now"
    assert f"lo deshizo: {DONE[kind]}" in text
    assert await state_of(running, path) == "taken_back"
    told = [one.action for one in await pending_of(running) if one.action.startswith(f"{kind}.")]
    assert told == [NOTED[kind], f"{kind}.taken_back"], "the ledger has both"
    again, text = await take(running, path, "ana")
    assert (again, "lo deshizo" in text) == (200, False), "twice pressed is once done"
    kinds = [one["kind"] for one in await running.timeline(client["id"])]
    assert sorted(kinds) == sorted(["message", kind, "event"])


async def test_what_came_of_it_is_not_undone(running: Running) -> None:
    client = await rosa(running)
    path = await noted(running, client, "promise")
    async with desk(running) as http:
        assert (await http.post(path, {"state": "kept"})).status_code == 200
    assert await take(running, path, "ana") == (409, "No se puede deshacer: ya se anotó qué pasó después.")
    assert await state_of(running, path) == "kept"
    async with desk(running) as http:
        assert "/take-back" not in (await http.get(f"/c/{client['conversation_id']}")).text, "and nobody offers it"
    other = await noted(running, client, "promise")
    assert (await take(running, other, "ana"))[0] == 200
    async with desk(running) as http:
        answer = await http.post(other, {"state": "kept"})
    assert (answer.status_code, unquote(answer.headers["x-problem"])) == (409, "Esta promesa se deshizo. Anota la nueva.")
    async with running.product.work() as tx:
        ana = await reader_by_token(tx, running.tokens["ana"])
        assert ana is not None
        with pytest.raises(Conflict):
            await promises.set_promise_state(tx, ana, UUID(client["id"]), UUID(other.split("/")[-1]), "pending")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_colleague_may_not_and_a_supervisor_may(running: Running, kind: str) -> None:
    client = await rosa(running)
    path = await noted(running, client, kind)
    assert await take(running, path, "luis") == (409, "Solo puede deshacerlo quien lo anotó, o un supervisor.")
    assert (await take(running, path, "revisora"))[0] == 403
    column = "made_at" if kind == "promise" else "recorded_at"
    async with running.product.work() as tx:
        await tx.run(f"update {kind} set {column} = {column} - interval '25 hours' where org_id = :org")
    assert await take(running, path, "ana") == (409, "Se anotó hace más de un día. Pide a un supervisor que lo deshaga.")
    offered = {}
    for who in ("ana", "luis", "supervisora", "revisora"):
        async with desk(running, who) as http:
            offered[who] = f'hx-post="{path}/take-back"' in (await http.get(f"/c/{client['conversation_id']}", whole=True)).text
    assert offered == {"ana": False, "luis": False, "supervisora": True, "revisora": False}
    assert (await take(running, path, "supervisora"))[0] == 200
    assert await state_of(running, path) == "taken_back"


async def test_the_row_says_again_what_was_said_before(running: Running) -> None:
    client = await rosa(running)
    paths = [await noted(running, client, kind) for kind in KINDS]
    async with desk(running) as http:
        assert "Pago" in row_of((await http.get("/queue?view=team")).text, client)
        for path in paths:
            assert (await take(running, path, "ana"))[0] == 200
        row = row_of((await http.get("/queue?view=team")).text, client)
    assert "Pago" not in row
    assert "Promesa" not in row
    [word] = [one for one in await running.timeline(client["id"]) if one["kind"] == "message"]
    assert word["text"] in row


def row_of(page: str, client: dict[str, Any]) -> str:
    [row] = re.findall(rf'<li[^>]*data-id="{client["conversation_id"]}".*?</li>', page, re.DOTALL)
    return str(row)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("way", ["key", "later", "panel"])
async def test_one_key_takes_back_what_was_just_noted(running: Running, context: BrowserContext, way: str) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("p")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.keyboard.type("120000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#undo")).to_contain_text("Promesa anotada")
    await expect(page.locator("#people")).to_be_hidden()
    await expect(page.locator("#panel .promise")).to_contain_text("Pendiente")
    if way == "later":
        await expect(page.locator(".undo-toast.past")).to_have_count(1)
    if way != "panel":
        await page.keyboard.press("z")
    else:
        await page.locator("#panel .promise").get_by_role("button", name="Deshacer").press("Enter")
    await expect(page.locator("#panel .promise")).to_contain_text("no cuenta")
    await expect(page.locator(".entry.is-promise .item-card.void")).to_contain_text("Deshecha")
    await expect(page.locator("#timeline")).to_contain_text("lo deshizo: Promesa anotada")
    await expect(page.locator("#undo")).to_contain_text("Deshecho")
    await expect(page.locator("body")).not_to_be_focused()
    await equals_a_fresh_render(page)
