"""Drafts: what is being typed is never lost, whatever becomes of the tab, the session, the server or the person; and nobody else ever sees it."""

from __future__ import annotations

import asyncio
import uuid

from playwright.async_api import BrowserContext, Route, expect

from tests.desk import live
from tests.doors import NOBODY, signed_in, some_phone, stranger
from tests.running import Running, until
from tests.test_templates import recorded
from tests.writing import at_desk, drafts, field, pauses, rosa, says, types

WORDS = "Claro que sí, Rosa"


async def is_kept(running: Running) -> None:
    async def one() -> bool:
        return await drafts(running) == 1

    await until(one)


async def test_a_draft_outlives_a_reload_and_is_there_in_another_tab_and_on_another_device(
    running: Running, context: BrowserContext
) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await types(page, "Claro")
    await is_kept(running)
    await types(page, " que sí, Rosa", over=False)
    await page.reload()
    await field(page, WORDS)
    await pauses(page)
    tab = await context.new_page()
    await tab.goto(page.url)
    await field(tab, WORDS)
    elsewhere = await page.context.browser.new_context(base_url=running.url)  # type: ignore[union-attr]
    other = await at_desk(elsewhere, running, client)
    await field(other, WORDS)
    await types(other, "De otro equipo")
    await pauses(other)
    await elsewhere.close()
    await page.goto("about:blank")
    await page.go_back()
    await field(page, "De otro equipo")


async def test_what_was_typed_half_a_second_ago_wins_over_what_the_server_had(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)
    await types(page, "Hola")
    await pauses(page)
    await page.route("**/draft", lambda route: route.abort())
    await types(page, ", Rosa", over=False)
    await page.reload()
    await field(page, "Hola, Rosa")


async def test_two_tabs_of_one_agent_show_the_same_and_sending_empties_both(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    one = await at_desk(context, running, client)
    two = await context.new_page()
    await two.goto(one.url)
    await live(two)
    await one.bring_to_front()
    await types(one, WORDS)
    await field(two, WORDS)
    await one.keyboard.press("Control+Enter")
    await field(one, "")
    await field(two, "")
    assert await drafts(running) == 0
    await one.reload()
    await field(one, "")


async def test_the_mode_the_template_and_its_values_come_back(running: Running, context: BrowserContext) -> None:
    client = await rosa(running, heard=False)
    await recorded(running, name="acuerdo", body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?")
    page = await at_desk(context, running, client)
    await page.click("#channel-whatsapp")
    await page.click("#reason-whatsapp [data-picks]")
    await page.locator(".offer", has_text="acuerdo").click()
    await expect(page.locator("[name=var_cuotas]")).to_be_focused()
    await page.keyboard.insert_text("tres")
    await pauses(page)
    await page.reload()
    await expect(page.locator("[name=var_cuotas]")).to_have_value("tres")
    await expect(page.locator(".template-words")).to_contain_text("te proponemos tres cuotas")
    await page.click("[data-drops-template]")
    await page.click("#channel-note")
    await types(page, "nota")
    await pauses(page)
    await page.reload()
    await field(page, "nota")
    await expect(page.locator("#channel-note")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#send")).to_contain_text("Añadir nota")


async def test_a_moment_that_was_chosen_is_a_part_of_the_draft(running: Running, context: BrowserContext) -> None:
    client, other = await rosa(running), await running.new_client(some_phone(), "Luiza Prado")
    page = await at_desk(context, running, client)
    await page.click("#channel-sms")
    await page.route("**/draft", lambda route: route.abort())
    await page.click("#schedule")
    await page.locator(".moment:not([aria-disabled])").first.click()
    await types(page, "Claro que sí")
    chosen = await page.locator("#later strong").inner_text()
    await page.reload()
    await expect(page.locator("#later")).to_contain_text(chosen)
    await page.unroute("**/draft")
    await types(page, ", Rosa", over=False)
    await pauses(page)
    await page.goto(f"{running.url}/c/{other['conversation_id']}?view=team")
    await page.goto(f"{running.url}/c/{client['conversation_id']}?view=team")
    await field(page, WORDS)
    await expect(page.locator("#later")).to_contain_text(chosen)
    await expect(page.locator("#send-word")).to_have_text("Programar")
    await page.focus("#composer-text")
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    planned = page.locator(".entry.out .hold")
    await expect(planned).to_contain_text("Programado")
    await planned.get_by_text("Cambiar").click()
    await field(page, WORDS)
    await page.reload()
    await field(page, WORDS)
    await expect(page.locator("#later")).to_contain_text(chosen)
    await expect(page.locator("#send-word")).to_have_text("Programar")


async def test_a_session_that_ended_an_error_and_a_lost_answer_leave_the_words(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    page = await at_desk(context, running, client)

    async def fails(route: Route) -> None:
        await route.fulfill(status=500, body="")

    await page.route("**/messages", fails)
    await says(page, WORDS)
    await expect(page.locator("#composer-problem")).to_contain_text("No se pudo enviar")
    await field(page, WORDS)
    await page.reload()
    await field(page, WORDS)
    await page.unroute("**/messages")

    lost = asyncio.Event()

    async def is_lost(route: Route) -> None:
        await route.fetch()
        await route.abort()
        lost.set()

    await page.route("**/messages", is_lost)
    await page.focus("#composer-text")
    await page.keyboard.press("Control+Enter")
    await asyncio.wait_for(lost.wait(), 60)
    await page.unroute("**/messages")
    await page.reload()
    await field(page, WORDS)
    await expect(page.locator("#composer-problem")).to_contain_text("no se repetirá")
    await page.focus("#composer-text")
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    rows = await running.rows("select id from message where org_id = :org and direction = 'out'")
    assert len(rows) == 1, "sent once, although it was pressed twice"
    await types(page, "Y algo más")
    await pauses(page)
    await page.route("**/draft", lambda route: route.abort())
    await types(page, ", Rosa", over=False)
    async with running.product.work() as tx:
        await tx.run("delete from agent_session where org_id = :org")
    await expect(page.locator("#signed-out")).to_be_visible()
    await page.click("#signed-out [data-returns]")
    await page.fill("#email", "ana@trato.example")
    await page.fill("#password", running.password("ana@trato.example"))
    await page.click("button.primary")
    await field(page, "Y algo más, Rosa")


async def test_who_sees_a_draft_and_who_may_keep_one(running: Running) -> None:
    client, other = await rosa(running), await running.new_client(some_phone())
    await stranger(running)
    path = f"/c/{client['conversation_id']}"
    ana, luis, supervisora = [await signed_in(running, who) for who in ("ana", "luis", "supervisora")]
    form = {"text": "El secreto de Ana", "mode": "message", "channel": "sms"}
    assert (await ana.post(f"{path}/draft", form)).status_code == 200
    assert "El secreto de Ana" in (await ana.get(path)).text
    for visitor in (luis, supervisora, await signed_in(running, "revisora")):
        assert "El secreto de Ana" not in (await visitor.get(path)).text
    assert "El secreto de Ana" not in (await ana.get(f"/c/{other['conversation_id']}")).text
    assert (await (await signed_in(running, "revisora")).post(f"{path}/draft", form)).status_code == 403
    assert (await (await signed_in(running, "eva")).post(f"{path}/draft", form)).status_code == 404
    assert (await ana.post(f"/c/{NOBODY}/draft", form)).status_code == 404
    assert await drafts(running) == 1
    [row] = await running.rows("select sealed from draft where org_id = :org")
    assert b"secreto" not in bytes(row.sealed)
    assert (await ana.post(f"{path}/draft", form | {"text": "  "})).status_code == 200
    assert await drafts(running) == 0


async def test_a_keeping_that_comes_after_the_sending_keeps_nothing(running: Running) -> None:
    client = await rosa(running)
    path = f"/c/{client['conversation_id']}"
    ana = await signed_in(running)
    form = {"text": WORDS, "channel": "sms", "client_token": str(uuid.uuid4()), "seen_revision": "99"}
    assert (await ana.post(f"{path}/messages", form)).status_code == 200
    assert (await ana.post(f"{path}/draft", form)).status_code == 200
    assert await drafts(running) == 0
    assert (await ana.post(f"{path}/draft", form | {"client_token": str(uuid.uuid4())})).status_code == 200
    assert await drafts(running) == 1


async def test_a_hint_that_stays_is_not_read_again(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await types(page, "El deudor debe pagar")
    await expect(page.locator(".tone-hint").first).to_be_visible()
    await page.evaluate("""() => {
      window.changes = window.answers = 0;
      document.addEventListener('htmx:after:swap', event => { answers += event.detail.ctx.target?.id === 'hints'; });
      new MutationObserver(() => { changes += 1; }).observe(document.getElementById('hints'), { childList: true, characterData: true, subtree: true });
    }""")
    for number, more in enumerate((" hoy", " mismo"), 1):
        await types(page, more, over=False)
        await pauses(page)
        await until(lambda number=number: page.evaluate("number => answers >= number", number))
    assert await page.evaluate("changes") == 0


async def test_hints_point_out_what_a_client_should_rather_not_read(running: Running) -> None:
    spanish = await rosa(running)
    portuguese = await running.new_client(some_phone(), "Luiza Prado", language="pt")
    ana = await signed_in(running)

    async def hints(client: dict[str, str], text: str, **more: str) -> str:
        answer = await ana.post(f"/c/{client['conversation_id']}/draft", {"text": text, "channel": "sms"} | more)
        return answer.text

    assert "cliente" in await hints(spanish, "El deudor debe pagar")
    assert "cliente" in await hints(portuguese, "O devedor precisa pagar")
    assert (await hints(spanish, "Con gusto, Rosa.")).strip() == ""
    assert (await hints(spanish, "El deudor debe pagar", mode="note")).strip() == "", "colleagues may be plain"
    unknown = await running.new_client("+5511987654321", "Luiza", language=None, country=None)
    assert "cliente" in await hints(unknown, "O devedor precisa pagar"), "a Brazilian number is written to in Portuguese"
    await recorded(
        running, kind="canned", name="aviso", channel=None, category=None, body="El deudor tiene derecho a pedir su soporte.", legal=True
    )
    legal = "El deudor tiene derecho a pedir su soporte."
    assert (await hints(spanish, f"Hola, Rosa. {legal}")).strip() == "", "approved word for word"
    assert "deudor" in await hints(spanish, f"{legal} El deudor debe pagar")
    assert "<script>" not in await hints(spanish, "<b>deudor</b> <script>deuda</script>")
