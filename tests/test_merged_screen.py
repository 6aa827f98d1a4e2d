"""Merging on an open screen: what another wrote stands in the kept timeline by its time, and is gone again when it is undone, without a reload."""

from __future__ import annotations

from uuid import UUID

from playwright.async_api import BrowserContext, Page, expect

from tests.desk import equals_a_fresh_render, sign_in
from tests.doors import signed_in, some_phone
from tests.running import Running, until


async def said(page: Page) -> list[str]:
    """What the open timeline shows of our test's words, in its order."""
    texts: list[str] = await page.evaluate(
        "() => [...document.querySelectorAll('#timeline > .entry')].map(el => el.innerText).flatMap(text => text.match(/palabra \\d/g) ?? [])"
    )
    return texts


async def shows(page: Page, *numbers: int) -> None:
    """Wait until the timeline shows exactly these words in this order."""
    wanted = [f"palabra {number}" for number in numbers]

    async def there() -> bool:
        return await said(page) == wanted

    try:
        await until(there)
    except AssertionError:
        assert await said(page) == wanted
        raise


async def test_a_merge_and_its_undo_come_to_open_screens_by_themselves(running: Running, context: BrowserContext) -> None:
    ours, theirs = some_phone(), some_phone()
    client = await running.new_client(ours, "Rosa Márquez")
    for number, phone in enumerate((ours, theirs, ours, theirs, ours), 1):
        await running.client_writes(phone, f"palabra {number}")
    (stranger,) = await running.rows("select id, debtor_id from conversation where org_id = :org and state = 'triage'")
    page = await sign_in(context, running, path=f"/c/{client['conversation_id']}?view=team")
    await page.evaluate("window.loadedOnce = true")
    await page.fill("#composer-text", "a medias")
    await shows(page, 1, 3, 5)
    luis = await signed_in(running, "luis")
    merged = await luis.post(f"/c/{client['conversation_id']}/merge", {"debtor": str(stranger.debtor_id)})
    assert merged.status_code == 200, merged.text
    await shows(page, 1, 2, 3, 4, 5)
    await running.client_writes(theirs, "palabra 6")
    await shows(page, 1, 2, 3, 4, 5, 6)
    await equals_a_fresh_render(page)
    (merge,) = await running.rows("select id from merge where org_id = :org and undone_at is null")
    undone = await luis.post(f"/c/{client['conversation_id']}/merges/{merge.id}/undo")
    assert undone.status_code == 200, undone.text
    await shows(page, 1, 3, 5)
    await expect(page.locator("#composer-text")).to_have_value("a medias")
    assert await page.evaluate("window.loadedOnce") is True
    await equals_a_fresh_render(page)
    back = await running.timeline(str(stranger.debtor_id))
    assert [one["text"] for one in back if one["kind"] == "message"] == ["palabra 2", "palabra 4", "palabra 6"]


async def test_the_screen_of_the_one_who_is_gone_finds_the_kept_one(running: Running, context: BrowserContext) -> None:
    ours, theirs = some_phone(), some_phone()
    client = await running.new_client(ours, "Rosa Márquez")
    await running.client_writes(ours, "palabra 1")
    await running.client_writes(theirs, "palabra 2")
    (stranger,) = await running.rows("select id, debtor_id from conversation where org_id = :org and state = 'triage'")
    page = await sign_in(context, running, path=f"/c/{stranger.id}?view=triage")
    await shows(page, 2)
    luis = await signed_in(running, "luis")
    merged = await luis.post(f"/c/{client['conversation_id']}/merge", {"debtor": str(stranger.debtor_id)})
    assert merged.status_code == 200, merged.text
    await shows(page, 1, 2)
    await expect(page.locator("#client-name")).to_have_text("Rosa Márquez")


async def test_the_api_lists_nobody_who_lives_on_in_another(running: Running) -> None:
    ours, theirs = some_phone(), some_phone()
    client = await running.new_client(ours, "Rosa Márquez")
    await running.client_writes(ours, "palabra 1")
    await running.client_writes(theirs, "palabra 2")
    (stranger,) = await running.rows("select id, debtor_id from conversation where org_id = :org and state = 'triage'")
    async with running.api("ana") as api:
        before = {UUID(one["id"]) for one in (await api.get("/api/v1/conversations")).json()["items"]}
        luis = await signed_in(running, "luis")
        await luis.post(f"/c/{client['conversation_id']}/merge", {"debtor": str(stranger.debtor_id)})
        after = {UUID(one["id"]) for one in (await api.get("/api/v1/conversations")).json()["items"]}
    assert before == {UUID(client["conversation_id"]), stranger.id}
    assert after == {UUID(client["conversation_id"])}
