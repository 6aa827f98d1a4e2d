"""What is typed while something is being sent: it belongs to what comes after, to the client or to colleagues, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.desk import kept_waiting
from tests.running import Running, until
from tests.test_templates import recorded
from tests.writing import PHONE, at_desk, drafts, field, pauses, rosa, says, types

MESSAGES, NOTES = "**/messages", "**/notes"


async def went(running: Running) -> list[str]:
    """What goes to the client, in its order."""
    return [
        row.text
        for row in await running.rows(
            "select e.text from entry e join message m on m.id = e.id and m.org_id = e.org_id where e.org_id = :org and m.direction = 'out'"
            " order by e.position"
        )
    ]


async def noted(running: Running) -> list[str]:
    return [row.text for row in await running.rows("select text from entry where org_id = :org and kind = 'note' order by position")]


async def desk_of(running: Running, context: BrowserContext) -> Page:
    client = await rosa(running)
    return await at_desk(context, running, client)


async def comes(running: Running, texts: list[str]) -> None:
    """Wait until exactly these have been sent."""

    async def there() -> bool:
        return await went(running) == texts

    await until(there)


async def test_letters_that_follow_the_sending_are_of_the_next_message(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await says(page, "primera parte")
        await expect(page.locator("#going")).to_contain_text("primera parte")
        await page.keyboard.type("segunda parte")
        await field(page, "segunda parte")
    await comes(running, ["primera parte"])
    await expect(page.locator("#going")).to_be_hidden()
    await field(page, "segunda parte")
    await expect(page.locator("#composer-text")).to_be_focused()
    await pauses(page)
    assert await drafts(running) == 1
    await page.reload()
    await field(page, "segunda parte")
    await page.focus("#composer-text")
    await page.keyboard.press("Control+Enter")
    await comes(running, ["primera parte", "segunda parte"])


async def test_a_note_that_is_begun_while_a_message_goes_never_goes_with_it(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await says(page, "Con gusto, Rosa.")
        await page.keyboard.press("Escape")
        await page.keyboard.press("n")
        await page.keyboard.type("¿podemos ofrecerle un descuento?")
    await comes(running, ["Con gusto, Rosa."])
    await expect(page.locator("#going")).to_be_hidden()
    await expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    await field(page, "¿podemos ofrecerle un descuento?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("¿podemos ofrecerle un descuento?")
    assert await noted(running) == ["¿podemos ofrecerle un descuento?"]
    assert await went(running) == ["Con gusto, Rosa."]


async def test_a_message_that_is_begun_while_a_note_goes_stays_a_message(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    await page.focus("#client-name")
    await page.keyboard.press("n")
    async with kept_waiting(page, NOTES):
        async with page.expect_request(NOTES):
            await says(page, "Llamó su hermana")
        await page.keyboard.press("Escape")
        await page.keyboard.press("r")
        await page.keyboard.type("Hola, Rosa")
    await expect(page.locator("#going")).to_be_hidden()
    await expect(page.locator("#composer")).to_have_attribute("data-mode", "message")
    await field(page, "Hola, Rosa")
    assert (await noted(running), await went(running)) == (["Llamó su hermana"], [])


async def test_two_presses_in_a_row_are_two_messages_in_their_order(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await says(page, "uno")
        await page.keyboard.type("dos")
        await page.keyboard.press("Control+Enter")
        await page.keyboard.press("Control+Enter")
        assert await went(running) == []
    await comes(running, ["uno", "dos"])
    await field(page, "")
    await page.keyboard.type("tres")
    await field(page, "tres")
    assert await went(running) == ["uno", "dos"]


async def test_what_is_refused_comes_back_before_what_was_typed_since(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await says(page, "Le cuento, Rosa")
        await page.keyboard.type("y algo más")
        await page.keyboard.press("Escape")
        await page.keyboard.press("n")
        await page.keyboard.type("una nota")
        await running.client_writes(PHONE, "STOP", channel="whatsapp")
    await expect(page.locator("#composer-problem")).not_to_be_empty()
    await expect(page.locator("#composer-problem")).to_contain_text("espera en su canal")
    await expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    await page.keyboard.type(" más")
    await field(page, "una nota más")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("una nota más")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await field(page, "Le cuento, Rosa\ny algo más")
    assert (await noted(running), await went(running)) == (["una nota más"], [])


async def test_an_answer_that_never_comes_turns_no_note_into_a_message(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    held = asyncio.Event()

    async def lose(route: Any) -> None:
        await held.wait()
        await route.abort()

    await page.route(MESSAGES, lose)
    async with page.expect_request(MESSAGES):
        await says(page, "Con gusto")
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.keyboard.type("hay que ")
    held.set()
    await expect(page.locator("#composer-problem")).to_contain_text("espera en su canal")
    await page.keyboard.type("llamarla")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("hay que llamarla")
    assert (await noted(running), await went(running)) == (["hay que llamarla"], [])
    await page.unroute(MESSAGES)
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await field(page, "Con gusto")
    await page.keyboard.press("Control+Enter")
    await comes(running, ["Con gusto"])


async def test_a_note_that_waits_for_another_sends_no_message_in_its_place(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    await types(page, "a medias")
    await page.locator("#channel-note").click()
    async with kept_waiting(page, NOTES):
        async with page.expect_request(NOTES):
            await says(page, "nota uno")
        await page.keyboard.type("nota dos")
        await page.keyboard.press("Control+Enter")
        await page.locator("#channel-whatsapp").click()
        await field(page, "a medias")
    await expect(page.locator("#going")).to_be_hidden()
    await expect(page.locator("#timeline")).to_contain_text("nota uno")
    await field(page, "a medias")
    await page.locator("#channel-note").click()
    await field(page, "nota dos")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline")).to_contain_text("nota dos")
    assert (await noted(running), await went(running)) == (["nota uno", "nota dos"], [])


async def test_who_comes_back_meanwhile_does_not_send_it_twice_and_another_client_is_written_to(
    running: Running, context: BrowserContext
) -> None:
    client, other = await rosa(running), await running.new_client("+573009998811", "Luz Gil")
    await running.client_writes("+573009998811", "Hola")
    page = await at_desk(context, running, client)
    await types(page, "una vez")
    await pauses(page)
    mine = re.compile(rf"/c/{client['conversation_id']}/messages$")
    async with kept_waiting(page, mine):
        async with page.expect_request(mine):
            await page.keyboard.press("Control+Enter")
        await page.keyboard.press("Escape")
        await page.click(f"#q-{other['conversation_id']} .row-link")
        await expect(page.locator("#client-name")).to_have_text("Luz Gil")
        await says(page, "Para Luz")
        await comes(running, ["Para Luz"])
        await page.click(f"#q-{client['conversation_id']} .row-link")
        await expect(page.locator("#client-name")).not_to_have_text("Luz Gil")
        await expect(page.locator("#going")).to_contain_text("una vez")
        await expect(page.locator("#composer-text")).to_have_value("")
    await comes(running, ["Para Luz", "una vez"])
    await field(page, "")


@pytest.mark.parametrize("gets_there", [True, False])
async def test_a_lost_answer_brings_the_words_back_and_is_never_a_second_message(
    running: Running, context: BrowserContext, gets_there: bool
) -> None:
    page = await desk_of(running, context)

    async def lose(route: Any) -> None:
        if gets_there:
            await route.fetch()
        await route.abort()

    await page.route(MESSAGES, lose)
    async with page.expect_event("requestfailed", lambda request: request.url.endswith("/messages")):
        await says(page, "una vez")
    await expect(page.locator("#composer-problem")).not_to_be_empty()
    await field(page, "una vez")
    await page.unroute(MESSAGES)
    await page.reload()
    await field(page, "una vez")
    await page.focus("#composer-text")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#going")).to_be_hidden()
    await field(page, "")
    assert await went(running) == ["una vez"]


async def test_a_page_that_goes_meanwhile_has_both_texts_when_it_comes_again(running: Running, context: BrowserContext) -> None:
    page = await desk_of(running, context)
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await says(page, "primera")
        await page.keyboard.type("segunda")
        await field(page, "segunda")
        await page.evaluate("addEventListener('htmx:finally:request', event => event.stopImmediatePropagation(), true)")
        await page.reload()
    await field(page, "primera\nsegunda")
    assert await went(running) == []


async def test_a_template_leaves_and_words_behind_it_stay(running: Running, context: BrowserContext) -> None:
    await recorded(running, name="saludo", body="Hola, {{first_name}}, ¿cómo le va?")
    page = await desk_of(running, context)
    await types(page, "detrás")
    await page.click("#open-picker")
    await page.keyboard.type("saludo")
    await expect(page.locator("#picker-list [aria-selected=true]")).to_contain_text("saludo")
    await page.keyboard.press("Enter")
    await expect(page.locator(".template-card input[data-place]").first).to_be_focused()
    async with kept_waiting(page, MESSAGES):
        async with page.expect_request(MESSAGES):
            await page.keyboard.press("Control+Enter")
        await expect(page.locator("#going")).to_contain_text("Hola, Rosa, ¿cómo le va?")
        await expect(page.locator(".template-card")).to_have_count(0)
        await expect(page.locator("#composer-text")).to_be_focused()
        await page.keyboard.press("End")
        await page.keyboard.type(" y más")
    await comes(running, ["Hola, Rosa, ¿cómo le va?"])
    await field(page, "detrás y más")
