"""What the composer counts is what the network bills: the browser's counter against the product's own, and the words that say what costs."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from channels.segments import count
from tests.running import Running
from tests.test_templates import recorded
from tests.writing import at_desk, rosa, types

CASES = (
    "",
    "Hola, Rosa.",
    "a" * 160,
    "a" * 161,
    "a" * 306,
    "a" * 307,
    "€" * 80,
    "€" * 81,
    "a" * 152 + "€" + "a" * 153,
    "é ñ à ü ¿¡",
    "á",
    "ó" * 70,
    "ó" * 71,
    "ção, não, você",
    "a" * 159 + "ó",
    "😀" * 35,
    "😀" * 36,
    "a" * 66 + "😀" + "a" * 66,
    "👩‍👧‍👦 " * 9,
    "e\u0301" * 40,
    "línea\nde dos\nrenglones [con] {llaves} ~ ^ | \\",
)


async def desk(running: Running, context: BrowserContext) -> Page:
    return await at_desk(context, running, await rosa(running))


async def test_the_browser_counts_as_the_product_does(running: Running, context: BrowserContext) -> None:
    page = await desk(running, context)
    counted = await page.evaluate("texts => texts.map(text => trato.measure(text).segments)", list(CASES))
    assert dict(zip(CASES, counted, strict=True)) == {text: count(text).segments for text in CASES if text} | {"": 0}


async def test_an_sms_says_what_it_costs_and_which_letter_costs_it(running: Running, context: BrowserContext) -> None:
    page = await desk(running, context)
    await page.click("#channel-sms")
    for text, told in (
        ("Hola, Rosa.", "11/160 · 1 segmento"),
        ("a" * 161, "161/306 · 2 segmentos"),
        ("con atención " + "a" * 60, "73/134 · 2 segmentos: la «ó» obliga a Unicode"),
        ("con atención", "12/70 · 1 segmento"),
        ("a" * 1601, "1.601 de 1.600 · 1601/1683 · 11 segmentos"),
    ):
        await types(page, text)
        await expect(page.locator("#segments")).to_have_text(told)


async def test_whatsapp_counts_characters_and_a_note_nothing(running: Running, context: BrowserContext) -> None:
    page = await desk(running, context)
    await page.click("#channel-whatsapp")
    await types(page, "con atención 😀")
    await expect(page.locator("#segments")).to_have_text("14 de 1.600")
    await page.click("#channel-note")
    await types(page, "con atención 😀")
    await expect(page.locator("#segments")).to_have_text("")
    await page.click("#channel-sms")
    await expect(page.locator("#segments")).to_have_text("15/70 · 1 segmento")


async def test_a_template_by_sms_says_what_its_words_cost(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    await recorded(
        running, name="acuerdo", channel="sms", category=None, body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?"
    )
    page = await at_desk(context, running, client)
    await page.click("#channel-sms")
    await page.click("#open-picker")
    await page.locator(".offer", has_text="acuerdo").click()
    await page.locator("[name=var_cuotas]").fill("3")
    await expect(page.locator("#segments")).to_have_text("45/160 · 1 segmento")
    await page.locator("[name=var_cuotas]").fill("dos o tres, según como te quede mejor a ti, sin ningún")
    await expect(page.locator("#segments")).to_have_text("98/134 · 2 segmentos: la «ú» obliga a Unicode")
    await page.click("[data-drops-template]")
    await expect(page.locator("#segments")).to_have_text("")


async def test_what_is_too_long_is_refused_beside_the_field_and_kept(running: Running, context: BrowserContext) -> None:
    page = await desk(running, context)
    await types(page, "a" * 1601)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("1.600")
    await expect(page.locator("#composer-text")).to_have_value("a" * 1601)
    await expect(page.locator("#composer-text")).to_be_focused()
