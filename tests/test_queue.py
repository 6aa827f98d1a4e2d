"""The queue in a real browser: rows keep their place while somebody works in them, acts are taken back, and an empty list says what was done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from inbox.lists import ORDERS, OWN, VIEWS, WINDOW
from tests.desk import equals_a_fresh_render, kept_waiting, leave_the_list, sign_in
from tests.doors import signed_in
from tests.running import Running

pytestmark = pytest.mark.usefixtures("worker")
# For whoever takes something back: a toast goes after six seconds, which a busy machine may need between two steps of a test.
TOASTS_STAY = """
const timer = window.setTimeout;
window.setTimeout = (run, after, ...rest) => after === 6000 ? 0 : timer(run, after, ...rest);
"""
# When the toast came and when it went, as the page itself saw it.
TOAST_LIFE = """() => new MutationObserver(() => {
  const there = !!document.querySelector('.undo-toast:not(.past)');
  if (there) window.came ??= performance.now(); else if (window.came) window.gone ??= performance.now();
}).observe(document.getElementById('undo'), { childList: true, subtree: true, attributeFilter: ['class'] })"""
ROWS = "[...document.querySelectorAll('#queue-list > .row:not([hidden])')].map(row => row.dataset.id)"


async def clients(running: Running, count: int, say: str = "hola") -> list[dict[str, Any]]:
    """So many clients who have written, the first one first."""
    found = []
    for number in range(count):
        phone = f"+57300555{number:04d}"
        found.append(await running.new_client(phone, f"Cliente {chr(65 + number)} Prueba") | {"phone": phone})
        await running.client_writes(phone, say)
    return found


async def test_a_focused_row_keeps_its_place_through_twenty_arrivals_and_the_button_applies_them(
    running: Running, context: BrowserContext
) -> None:
    found = await clients(running, 4)
    page = await sign_in(context, running, "ana", "/?view=team")
    await expect(page.locator(".row")).to_have_count(4)
    await leave_the_list(page)
    row = page.locator(f"#q-{found[1]['conversation_id']} .row-link")
    await row.focus()
    before = await page.evaluate(ROWS)
    box = await row.bounding_box()
    for number in range(20):
        await running.client_writes(found[number % 2 * 3]["phone"], f"palabra {number}")
    await running.new_client("+573005559999", "Recién Llegada")
    await running.client_writes("+573005559999", "soy nueva")
    await expect(page.locator(f"#q-{found[0]['conversation_id']}")).to_contain_text("palabra 18")
    await expect(page.locator("#order-news")).to_be_visible()
    await expect(page.locator("#order-news")).to_contain_text("actualizar")
    assert await page.evaluate(ROWS) == before
    await expect(row).to_be_focused()
    moved = await row.bounding_box()
    assert box is not None
    assert moved is not None
    assert (moved["height"], moved["x"]) == (box["height"], box["x"])
    await page.click("#order-news")
    await expect(page.locator("#order-news")).to_be_hidden()
    await expect(page.locator(".row")).to_have_count(5)
    await leave_the_list(page)
    await equals_a_fresh_render(page)


async def test_a_row_that_a_colleague_took_stays_dimmed_with_the_reason_until_the_list_is_left(
    running: Running, context: BrowserContext
) -> None:
    found = await clients(running, 3)
    page = await sign_in(context, running, "ana", "/?view=unassigned")
    await page.mouse.move(720, 20)
    await page.locator(f"#q-{found[0]['conversation_id']} .row-link").focus()
    luis = await signed_in(running, "luis")
    await luis.post(f"/c/{found[1]['conversation_id']}/claim")
    gone = page.locator(f"#q-{found[1]['conversation_id']}")
    await expect(gone).to_have_class("row unread left")
    await expect(gone).to_contain_text("La tomó Luis")
    assert len(await page.evaluate(ROWS)) == 3
    await page.keyboard.press("j")
    await expect(gone.locator(".row-link")).to_be_focused()  # J goes on in the order seen
    await leave_the_list(page)
    await expect(gone).to_have_count(0)
    await equals_a_fresh_render(page)


async def test_a_shared_list_names_whoever_took_a_client_to_everybody(running: Running) -> None:
    found = await clients(running, 2)
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    async with luis.line() as his, ana.line() as hers:
        for line in (his, hers):
            await line.say(t="hello", seen={"queue:unassigned": ""})
            await line.hear("frame", topic="queue:unassigned")
        await luis.post(f"/c/{found[0]['conversation_id']}/claim")
        for line in (his, hers):
            frame = await line.hear("frame", topic="queue:unassigned")
            assert "La tomó Luis" in frame["html"]


async def test_the_pointer_holds_the_order_and_lets_it_go_a_second_after_leaving(running: Running, context: BrowserContext) -> None:
    found = await clients(running, 3)
    page = await sign_in(context, running, "ana", "/?view=team")
    await page.locator(f"#q-{found[0]['conversation_id']}").hover()
    before = await page.evaluate(ROWS)
    await running.client_writes(found[0]["phone"], "arriba")
    await expect(page.locator("#order-news")).to_have_text("1 cambio · actualizar")
    assert await page.evaluate(ROWS) == before
    await page.mouse.move(720, 20)
    await expect(page.locator("#order-news")).to_be_hidden()
    assert (await page.evaluate(ROWS))[0] == found[0]["conversation_id"]


async def test_all_rows_have_one_height_and_one_chip(running: Running, context: BrowserContext) -> None:
    found = await clients(running, 4)
    await running.client_writes(found[0]["phone"], "STOP")
    await running.client_writes("+573119990001", "¿quién es?")
    luis = await signed_in(running, "luis")
    await luis.post(f"/c/{found[1]['conversation_id']}/claim")
    page = await sign_in(context, running, "ana", "/?view=team")
    heights = await page.evaluate("[...document.querySelectorAll('.row-link')].map(row => row.getBoundingClientRect().height)")
    assert len(set(heights)) == 1, heights
    assert await page.evaluate("[...document.querySelectorAll('.row')].every(row => row.querySelectorAll('.chip').length <= 1)")
    await expect(page.locator(f"#q-{found[0]['conversation_id']} .chip")).to_contain_text("Baja")
    await expect(page.locator(f"#q-{found[1]['conversation_id']} .row-assignee")).to_contain_text("Luis")
    await expect(page.locator(f"#q-{found[2]['conversation_id']} .chip [data-since]")).to_have_text(re.compile(r"^\d m$"))
    await page.click("#tab-triage")
    await expect(page.locator("#queue")).to_have_attribute("data-view", "triage")
    await expect(page.locator(".row-name")).to_have_text("Desconocido ··· 00 01")


async def test_a_wait_that_becomes_long_is_said_without_anything_else_happening(running: Running, context: BrowserContext) -> None:
    (client,) = await clients(running, 1)
    page = await sign_in(context, running, "ana", "/?view=unassigned")
    chip = page.locator(f"#q-{client['conversation_id']} .chip")
    await expect(chip).to_have_class("row-chip chip quiet")
    async with running.product.work() as tx:
        await tx.run("update conversation set waiting_since = waiting_since - interval '61 minutes' where org_id = :org")
    await expect(chip).to_have_class("row-chip chip warn")
    await expect(chip.locator("[data-since]")).to_have_text(re.compile(r"^1 h \d m$"))
    await equals_a_fresh_render(page)


async def test_a_long_list_goes_on_at_its_end_and_stays_live(running: Running, context: BrowserContext) -> None:
    found = await clients(running, WINDOW + 2)
    page = await sign_in(context, running, "ana", "/?view=team")
    await expect(page.locator(".row")).to_have_count(WINDOW)
    await page.evaluate("document.getElementById('queue-list').scrollTop = 1e6")
    before = await page.evaluate("document.getElementById('queue-list').scrollTop")
    await page.click("#queue-longer")
    await expect(page.locator(".row")).to_have_count(WINDOW + 2)
    await page.wait_for_function("before => document.getElementById('queue-list').scrollTop >= before", arg=before)
    await expect(page.locator("#queue-longer")).to_have_count(0)
    await page.wait_for_function("() => document.activeElement !== document.body")  # the focus is not lost with the button
    last = page.locator(f"#q-{found[0]['conversation_id']}")
    await leave_the_list(page)
    await running.client_writes(found[0]["phone"], "del final al principio")
    await expect(last).to_contain_text("del final al principio")
    await equals_a_fresh_render(page)
    assert (await page.evaluate(ROWS))[0] == found[0]["conversation_id"]
    luis = await signed_in(running, "luis")
    for one in found[-2:]:
        await luis.post(f"/c/{one['conversation_id']}/close", {"disposition": "paid"})
    await page.goto(f"{running.url}/?view=team")
    await expect(page.locator(".row")).to_have_count(WINDOW)
    await expect(page.locator("#queue-longer")).to_have_count(0)
    await running.client_writes(found[-1]["phone"], "otra vez")
    await expect(page.locator("#queue-longer")).to_be_visible()


async def test_lists_of_waiting_people_begin_with_who_waits_longest(running: Running) -> None:
    found = await clients(running, 3)
    await running.client_writes(found[0]["phone"], "¿sigue ahí?")
    ana = await signed_in(running)
    page = (await ana.get("/queue?view=unassigned")).text
    places = [page.index(f"q-{one['conversation_id']}") for one in found]
    assert places == sorted(places)
    assert "La que más espera primero" in page
    assert set(ORDERS) | set(OWN) <= set(VIEWS)


async def test_a_close_is_taken_back_from_its_toast_and_a_number_chooses_how_it_ended(running: Running, context: BrowserContext) -> None:
    (client,) = await clients(running, 1)
    await context.add_init_script(TOASTS_STAY)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=unassigned")
    await page.click("#act-claim")
    await expect(page.locator("#header")).to_contain_text("Tuya")
    await expect(page.locator("#conversation")).to_have_attribute("data-id", client["conversation_id"])
    await page.click("[data-act-menu=close] >> visible=true")
    await expect(page.locator("#act-dialog")).to_be_visible()
    await page.keyboard.press("2")
    await expect(page.locator("#act-dialog")).to_be_hidden()
    await expect(page.locator("#undo")).to_contain_text("Cerrada: Ya pagó")
    await expect(page.locator("#header")).to_contain_text("Ya pagó")
    await page.click("#undo-act")
    await expect(page.locator("#header")).to_contain_text("Tuya")
    await expect(page.locator("#undo-act")).to_have_count(0)
    await leave_the_list(page)
    await equals_a_fresh_render(page)


async def events_of(running: Running, client: dict[str, Any]) -> list[str]:
    """What was done with a client, in its order."""
    rows = await running.rows(
        "select detail ->> 'event' as event from entry where org_id = :org and kind = 'event' and conversation_id = cast(:id as uuid) order by position",
        id=client["conversation_id"],
    )
    return [row.event for row in rows]


async def test_a_key_that_is_pressed_while_another_is_answered_comes_after_it_and_twice_pressed_is_once_done(
    running: Running, context: BrowserContext
) -> None:
    (client,) = await clients(running, 1)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.focus("#log")
    async with kept_waiting(page, "**/claim"):
        async with page.expect_request("**/claim"):
            await page.keyboard.press("i")
        for key in "iieeo":
            await page.keyboard.press(key)
        assert await events_of(running, client) == []
    await expect(page.locator("#act-dialog")).to_be_visible()
    await expect(page.locator("#header")).to_contain_text("Cerrada")
    await page.keyboard.press("2")
    await expect(page.locator("#header")).to_contain_text("Ya pagó")
    assert await events_of(running, client) == ["claimed", "closed", "disposed"]


async def test_what_was_pressed_is_done_for_who_was_on_the_screen_though_the_next_client_comes(
    running: Running, context: BrowserContext
) -> None:
    first, second = await clients(running, 2)
    page = await sign_in(context, running, "ana", "/?view=mine")
    await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Cliente A Prueba")
    menus: list[str] = []
    page.on("request", lambda request: menus.append(request.url) if "/acts/" in request.url else None)
    async with kept_waiting(page, "**/next?*"):
        async with page.expect_request(re.compile("/next")):
            await page.keyboard.press("x")
        for key in "xeae":
            await page.keyboard.press(key)
    await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    assert await events_of(running, first) == ["claimed", "closed"]
    assert await events_of(running, second) == ["claimed"]
    assert menus == [], "a menu of who is gone does not open"
    await expect(page.locator("#header")).to_contain_text("Tuya")


async def test_who_opens_another_client_is_still_told_of_what_they_did(running: Running, context: BrowserContext) -> None:
    first, second = await clients(running, 2)
    await context.add_init_script(TOASTS_STAY)
    page = await sign_in(context, running, "ana", f"/c/{first['conversation_id']}?view=team")
    await page.focus("#log")
    async with kept_waiting(page, "**/close"):
        async with page.expect_request("**/close"):
            await page.keyboard.press("e")
        await page.click(f"#q-{second['conversation_id']} .row-link")
        await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    await page.keyboard.press("z")
    await expect(page.locator("#undo")).to_contain_text("Deshecho")
    assert await events_of(running, first) == ["closed", "undone"]
    await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")


async def test_an_act_that_waits_for_another_is_done_though_another_client_is_opened(running: Running, context: BrowserContext) -> None:
    first, second = await clients(running, 2)
    page = await sign_in(context, running, "ana", f"/c/{first['conversation_id']}?view=team")
    await page.focus("#log")
    async with kept_waiting(page, "**/claim"):
        async with page.expect_request("**/claim"):
            await page.keyboard.press("i")
        await page.keyboard.press("e")
        await page.click(f"#q-{second['conversation_id']} .row-link")
        await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")
        assert await events_of(running, first) == []
    await expect(page.locator("#undo")).to_contain_text("Cerrada")
    assert await events_of(running, first) == ["claimed", "closed"]
    assert await events_of(running, second) == []
    await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")


async def test_who_was_asked_for_last_is_shown(running: Running, context: BrowserContext) -> None:
    first, second = await clients(running, 2)
    page = await sign_in(context, running, "ana", "/?view=team")
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    async with kept_waiting(page, "**/next?*"):
        async with page.expect_request(re.compile("/next")):
            await page.keyboard.press("x")
        await page.click(f"#q-{second['conversation_id']} .row-link")
        await expect(page.locator("#client-name")).to_have_text("Cliente B Prueba")
        assert [url for url in given_up if "/next" in url], "the next one would come in the place of who was opened after it"
    await page.click(f"#q-{first['conversation_id']} .row-link")
    await expect(page.locator("#client-name")).to_have_text("Cliente A Prueba")
    address = f"**/c/{second['conversation_id']}*"
    async with kept_waiting(page, address):
        async with page.expect_request(address):
            await page.click(f"#q-{second['conversation_id']} .row-link")
        await page.focus("#log")
        await page.keyboard.press("x")
        await expect(page.locator("#header")).to_contain_text("Tuya")
        assert [url for url in given_up if second["conversation_id"] in url], "who was opened would come in the place of the next one"
    await equals_a_fresh_render(page)


async def test_a_toast_goes_by_itself_after_six_seconds(running: Running, context: BrowserContext) -> None:
    (client,) = await clients(running, 1)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.evaluate(TOAST_LIFE)
    await page.focus("#log")
    await page.keyboard.press("s")
    await page.wait_for_function("() => window.gone")
    assert await page.evaluate("gone - came") > 5900, "by the page's own clock: a busy machine takes longer, never less"
    box = await page.locator(".undo-toast").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1, 1), "there for who listens, not for who looks"


async def test_a_transfer_rings_the_receivers_bell(running: Running, context: BrowserContext) -> None:
    (client,) = await clients(running, 1)
    ana = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    other = await ana.context.browser.new_context(base_url=running.url)  # type: ignore[union-attr]
    luis = await sign_in(other, running, "luis")
    await ana.click(".more-acts")
    await ana.click("#act-transfer")
    await ana.get_by_role("option", name="Luis Cárdenas").click()
    await ana.fill("#transfer-note", "Pide hablar el viernes")
    await ana.click("#act-dialog .btn.primary")
    await expect(ana.locator("#header")).to_contain_text("Luis")
    await expect(luis.locator("#bell-count")).to_contain_text("1")
    await luis.click("#bell")
    await expect(luis.locator("#notice-list")).to_contain_text("Ana Restrepo te pasó un cliente")
    await luis.click(".notice-link")
    await expect(luis.locator("#client-name")).to_have_text("Cliente A Prueba")
    await expect(luis.locator("#bell-count")).to_have_attribute("data-count", "0")
    await other.close()


async def test_a_phone_has_one_menu_with_every_action(running: Running, context: BrowserContext) -> None:
    (client,) = await clients(running, 1)
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.locator("#act-close")).to_be_hidden()
    await page.click(".more-acts")
    for word in ("Tomar", "Posponer hasta…", "Transferir a…", "Cerrar con…"):
        await expect(page.locator("#more-acts")).to_contain_text(word)
    await page.locator("#more-acts").get_by_text("Cerrar con…").click()
    await expect(page.locator("#act-dialog")).to_contain_text("¿Cómo terminó?")


@pytest.mark.usefixtures("moved")  # no midnight passes at ten in the morning
async def test_an_empty_list_says_what_was_done_today(running: Running, context: BrowserContext) -> None:
    found = await clients(running, 2)
    ana = await signed_in(running)
    for one in found:
        await ana.post(f"/c/{one['conversation_id']}/close", {"disposition": "paid"})
    page = await sign_in(context, running, "ana", "/?view=mine")
    await expect(page.locator("#today")).to_contain_text("Conversaciones cerradas")
    await expect(page.locator("#today dd").nth(1)).to_have_text("2")


async def test_a_reviewer_begins_with_the_team(running: Running) -> None:
    revisora, ana = await signed_in(running, "revisora"), await signed_in(running)
    assert 'data-topic="queue:team"' in (await revisora.get("/")).text
    assert 'data-topic="queue:mine"' in (await ana.get("/")).text
