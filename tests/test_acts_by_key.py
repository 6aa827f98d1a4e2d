"""What keys do and say beside the plain act: what would be stopped is told first, Z outlives its toast, and no key is silent where it does nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.desk import kept_waiting, sign_in
from tests.doors import signed_in
from tests.looking import NARROW
from tests.running import Running
from tests.test_queue import TOASTS_STAY
from tests.writing import PHONE, at_desk, may_take_back_for, rosa, says, types

pytestmark = pytest.mark.usefixtures("worker")
_COVERED = """() => [...document.querySelectorAll('#story-bar button, #story-bar input, #header :is(button, a), #composer button')]
  .filter(el => el.checkVisibility()).filter(el => {
    const box = el.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    return x < innerWidth && document.elementFromPoint(x, y)?.closest('.toasts');
  }).map(el => el.textContent.trim() || el.id)"""


async def state(running: Running, client: dict[str, Any]) -> str:
    """Whether a client's conversation is open."""
    [row] = await running.rows("select state from conversation where org_id = :org and debtor_id = cast(:id as uuid)", id=client["id"])
    return str(row.state)


async def message_state(running: Running) -> str:
    """What became of the only message of ours."""
    [row] = await running.rows("select state from message where org_id = :org and direction = 'out'")
    return str(row.state)


async def test_a_wrong_person_is_not_noted_over_a_message_that_is_still_held_unless_said_twice(
    running: Running, context: BrowserContext
) -> None:
    client = await rosa(running)
    await may_take_back_for(running, 30)
    page = await at_desk(context, running, client)
    await says(page, "Disculpe la molestia.")
    await expect(page.locator("#timeline .hold[data-due]")).to_have_count(1)
    await page.focus("#client-name")
    await page.keyboard.press("w")
    await expect(page.locator("#say")).to_contain_text("quedaría detenido")
    await expect(page.locator("#say")).to_be_in_viewport()
    assert (await state(running, client), await message_state(running)) == ("open", "queued")
    await page.keyboard.press("w")
    await expect(page.locator("#undo")).to_contain_text("persona equivocada")
    assert await state(running, client) == "closed"


async def test_digits_that_are_faster_than_their_menu_choose_in_it_and_never_answer_a_doubt(
    running: Running, context: BrowserContext
) -> None:
    client, other = await rosa(running), await running.new_client("+573009998811", "Luz Gil")
    await running.client_writes("+573009998811", "Hola")
    await running.client_writes(PHONE, "ya les dije que quiero darme de baja", channel="whatsapp")
    page = await at_desk(context, running, client)
    await expect(page.locator("#doubt")).to_be_visible()
    await page.focus("#client-name")
    async with kept_waiting(page, "**/acts/close*"):
        async with page.expect_request("**/acts/close*"):
            await page.keyboard.press("o")
        await page.keyboard.press("2")
    await expect(page.locator("#header")).to_contain_text("Ya pagó")
    rows = await running.rows(
        "select detail ->> 'event' as event, detail ->> 'disposition' as how from entry where org_id = :org and kind = 'event'"
    )
    assert ("not_asked", None) not in [(row.event, row.how) for row in rows]
    assert [row.how for row in rows if row.event == "closed"] == ["paid"]
    assert other["id"]


async def test_the_next_client_may_be_asked_for_before_a_menu_has_closed(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    await running.new_client("+573009998811", "Luz Gil")
    await running.client_writes("+573009998811", "Hola")
    page = await at_desk(context, running, client)
    await page.focus("#client-name")
    await page.keyboard.press("o")
    await expect(page.locator("#act-dialog [data-number]").first).to_be_visible()
    async with kept_waiting(page, re.compile("/close$")):
        async with page.expect_request(re.compile("/close$")):
            await page.keyboard.press("2")
        await page.keyboard.press("x")
    await expect(page.locator("#client-name")).to_have_text("Luz Gil")
    await expect(page.locator("#act-dialog")).to_be_hidden()


async def test_with_nothing_held_one_press_notes_a_wrong_person(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await page.focus("#client-name")
    await page.keyboard.press("w")
    await expect(page.locator("#undo")).to_contain_text("persona equivocada")


async def test_the_key_takes_back_what_its_toast_no_longer_shows_for_ten_minutes(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await page.clock.install()
    await page.focus("#client-name")
    for wait in ("00:07", "09:00"):
        await page.keyboard.press("s")
        await expect(page.locator(".undo-toast")).to_contain_text("Pospuesta")
        await page.clock.run_for(wait)
        await expect(page.locator(".undo-toast.past #undo-act")).to_have_count(1)
        await expect(page.locator("#undo")).to_contain_text("Rosa")
        await page.keyboard.press("z")
        await expect(page.locator("#undo")).to_contain_text("Deshecho")
        await expect(page.locator("#act-snooze")).to_have_attribute("hx-post", re.compile("/snooze$"))
    await page.keyboard.press("s")
    await expect(page.locator(".undo-toast")).to_contain_text("Pospuesta")
    await page.clock.run_for("10:10")
    await expect(page.locator("#undo")).to_be_empty()
    await page.keyboard.press("z")
    await expect(page.locator("#say")).to_contain_text("nada que deshacer")


async def test_who_comes_by_with_tab_sees_what_can_still_be_taken_back(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.clock.install()
    await page.focus("#client-name")
    await page.keyboard.press("s")
    await expect(page.locator(".undo-toast")).to_contain_text("Pospuesta")
    await page.clock.run_for("00:07")
    await expect(page.locator(".undo-toast.past")).to_have_count(1)
    await page.focus("#undo-act")
    await expect(page.locator("#undo-act")).to_be_in_viewport(ratio=1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#undo")).to_contain_text("Deshecho")


async def test_toasts_cover_nothing_that_is_pressed_and_name_who_is_no_longer_on_the_screen(
    running: Running, context: BrowserContext
) -> None:
    await context.add_init_script(TOASTS_STAY)
    client = await rosa(running)
    other = await running.new_client("+573009990001", "Héctor Gil")
    await running.client_writes("+573009990001", "hola")
    await may_take_back_for(running, 30)
    page = await at_desk(context, running, client)
    await says(page, "Un momento, por favor.")
    await expect(page.locator("#held")).to_be_visible()
    await page.focus("#client-name")
    await page.keyboard.press("s")
    await expect(page.locator(".undo-toast")).to_be_visible()
    for size in (NARROW, {"width": 1440, "height": 900}):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await expect(page.locator("#held")).to_be_in_viewport(ratio=1)
        await expect(page.locator("#undo-act")).to_be_in_viewport(ratio=1)
        assert await page.evaluate(_COVERED) == []
    who = page.locator(".toast-who")
    box = await who.bounding_box()
    assert box is not None
    assert box["width"] <= 1, "whose it is stands in the header already"
    await page.click(f"#q-{other['conversation_id']} .row-link")
    await expect(page.locator("#client-name")).to_have_text("Héctor Gil")
    await expect(who).not_to_have_class("toast-who vh")
    await expect(page.locator(".undo-toast")).to_contain_text("Rosa")


async def note_of_transfer(page: Page) -> None:
    """To Luis, with the note being written."""
    await page.focus("#client-name")
    await page.keyboard.press("a")
    await expect(page.locator("#transfer-who")).to_be_focused()
    await page.keyboard.type("luis")
    await page.focus("#transfer-note")
    await page.keyboard.type("Pide hablar contigo")


async def test_control_and_enter_in_a_note_hand_the_client_over(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await note_of_transfer(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#act-dialog")).to_be_hidden()
    await expect(page.locator("#timeline")).to_contain_text("Pide hablar contigo")
    [row] = await running.rows("select assigned_agent_id from conversation where org_id = :org")
    assert row.assigned_agent_id == running.agents["luis"]


async def test_a_locked_composer_says_why_it_sends_nothing(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    luis = await signed_in(running, "luis")
    assert (await luis.post(f"/c/{client['conversation_id']}/claim")).status_code == 200
    page = await at_desk(context, running, client)
    for text in ("", "Buenas tardes"):
        await types(page, text)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#composer-problem")).to_contain_text("Luis")
        await expect(page.locator("#composer-text")).to_be_focused()


async def test_the_owner_is_no_stranger_in_the_list_of_who_may_take_over(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    luis = await signed_in(running, "luis")
    assert (await luis.post(f"/c/{client['conversation_id']}/claim")).status_code == 200
    page = await at_desk(context, running, client, "supervisora")
    await page.focus("#client-name")
    await page.keyboard.press("a")
    await expect(page.locator("#transfer-who")).to_be_focused()
    await page.keyboard.type("luis")
    await expect(page.locator("#transfer-none")).to_have_text("Luis Cárdenas ya atiende a este cliente.")
    await page.keyboard.type("x")
    await expect(page.locator("#transfer-none")).to_have_text("Nadie con ese nombre ve a este cliente")


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_queue_comes_forward_with_the_focus_in_it(running: Running, context: BrowserContext, width: int) -> None:
    client = await rosa(running)
    other = await running.new_client("+573009990001", "Héctor Gil")
    await running.client_writes("+573009990001", "hola")
    ana = await signed_in(running)
    for one in (client, other):
        assert (await ana.post(f"/c/{one['conversation_id']}/claim")).status_code == 200
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=mine")
    await page.set_viewport_size({"width": width, "height": 844})
    await page.focus("#client-name")
    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await expect(page.locator(".row-link").first).to_contain_text("Héctor Gil")
    await expect(page.locator(f"#q-{client['conversation_id']} .row-link")).to_be_focused()
    await expect(page.locator("#queue")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#header")).to_be_visible()


async def test_an_address_that_is_theirs_again_leaves_the_composer_where_the_client_wrote(
    running: Running, context: BrowserContext
) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await expect(page.locator("#channel-whatsapp")).to_have_attribute("aria-pressed", "true")
    await page.focus("#client-name")
    await page.click("#panel [hx-get$='/people']")
    await expect(page.locator("#people")).to_be_visible()
    wrong, right = page.get_by_role("button", name="Persona equivocada: "), page.get_by_role("button", name="Sí es suyo")
    await wrong.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
    await expect(right.first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(right).to_have_count(0)
    assert await page.evaluate("() => !!document.activeElement.closest('li.reach')")
    await page.keyboard.press("Escape")
    await expect(page.locator("#channel-whatsapp")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#channel-sms")).to_have_attribute("aria-pressed", "false")
