"""WCAG 2.2 AA on every screen and dialog: what axe can find, and what only hands and eyes would (focus, sizes, zoom, long words, settings of the system)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from console.catalogs import LANGUAGES
from console.rendering import Renderer
from tests.desk import live, sign_in
from tests.doors import some_phone
from tests.looking import CONTROLS, NARROW, WIDE, Look, beyond, person
from tests.running import Running, until
from tests.stories import story
from tests.test_views import NOW, pages

pytestmark = pytest.mark.usefixtures("house_worker")
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
CANNED = {"kind": "canned", "name": "horario", "language": "es", "body": "Hola {{first_name}}, atendemos de 8 a 18."}
TEMPLATE = {
    "kind": "template",
    "name": "saldo",
    "language": "es",
    "body": "Hola {{first_name}}, tu saldo es {{total_due}}.",
    "channel": "sms",
}
SETTINGS = ("", "/creditors", "/teams", "/agents", "/senders", "/clients", "/contactable", "/templates", "/templates/new")


async def client(house: Running, name: str = "María Fernanda de los Ríos Santamaría", text: str = "¿puedo pagar la mitad?") -> str:
    """A client who wrote; returns the path of their conversation."""
    phone = some_phone()
    made = await house.new_client(phone, name)
    await house.client_writes(phone, text)
    return f"/c/{made['conversation_id']}?view=team"


async def prepared_texts(house: Running) -> None:
    async with house.api("supervisora") as api:
        for card in (CANNED, TEMPLATE):
            answer = await api.post("/api/v1/templates", json=card)
            assert answer.status_code in (201, 409), answer.text


@THEMES
async def test_every_kind_of_line_has_no_barrier_in_any_language(house: Running, browser: Browser, theme: str) -> None:
    context = await person(browser, house, theme)
    page = await context.new_page()
    await page.route(re.compile(r"/app-[0-9a-f]+\.js$"), lambda route: route.abort())  # the page alone: nobody is signed in here
    drawn: dict[str, str] = {}
    await page.route("**/drawn/*", lambda route: route.fulfill(body=drawn[route.request.url.rsplit("/", 1)[1]], content_type="text/html"))
    look = Look(page)
    for language in LANGUAGES:
        drawn.update(pages(Renderer(lambda: NOW), language))
        for name in ("desk", "triage", "closed", "mine", "error") if language == "es" else ("desk",):
            await page.goto(f"{house.url}/drawn/{name}")
            await look.at(f"{name} in {language}", widths=(WIDE,) if name in ("triage", "closed", "mine") else (WIDE, NARROW))
    await context.close()
    assert look.found == []


@THEMES
async def test_no_screen_and_no_dialog_has_a_barrier(house: Running, browser: Browser, theme: str) -> None:
    await prepared_texts(house)
    path = await client(house)
    await house.client_writes(some_phone(), "¿quién es?")
    context = await person(browser, house, theme)
    page = await context.new_page()
    look = Look(page)
    await page.goto(f"{house.url}/sign-in")
    await look.at("sign-in")
    await page.fill("#email", "nadie@trato.example")
    await page.fill("#password", "no es")
    await page.click("button.primary")
    await expect(page.locator("#problem")).to_be_visible()
    await page.wait_for_load_state()
    await look.at("sign-in refused", widths=(NARROW,))
    await page.close()
    page = look.page = await sign_in(context, house, "ana", "/?view=mentions")
    await look.at("empty list")
    await page.goto(f"{house.url}/?view=triage")
    await live(page)
    await page.locator(".row-link").first.click()
    await _dialog(look, page, ".about-acts .primary", "#people", "identify")
    await page.goto(house.url + path)
    await live(page)
    await look.at("conversation")
    await _dialogs_of_a_conversation(look, page)
    await _composer(look, page)
    await page.goto(f"{house.url}/c/00000000-0000-7000-8000-000000000000")
    await look.at("not found")
    await context.close()
    assert look.found == []


@pytest.mark.parametrize("language", ["pt", "en"])
async def test_the_dialogs_have_no_barrier_in_another_language(house: Running, browser: Browser, language: str) -> None:
    await prepared_texts(house)
    context = await person(browser, house)
    page = await sign_in(context, house, "luis", await client(house))
    look = Look(page, sizes=(WIDE,))
    spoken = "update agent set language = :language where org_id = :org and id = :luis"
    try:
        async with house.product.work() as tx:
            await tx.run(spoken, language=language, luis=house.agents["luis"])
        await page.reload()
        await live(page)
        assert str(await page.get_attribute("html", "lang")).startswith(language)
        await _dialogs_of_a_conversation(look, page)
        await _composer(look, page)
    finally:
        async with house.product.work() as tx:
            await tx.run(spoken, language="es", luis=house.agents["luis"])
    await context.close()
    assert look.found == []


async def _dialogs_of_a_conversation(look: Look, page: Page) -> None:
    await _dialog(look, page, "[data-key-action=promise]", "#people", "promise")
    await _dialog(look, page, ".about-acts [hx-get$='/people']", "#people", "people")
    await page.focus("#log")
    await page.keyboard.press("a")
    await _look_in(look, page, "#act-dialog", "transfer")
    await _dialog(look, page, ".split [data-act-menu=close]", "#act-dialog", "close")
    await page.click(".more-acts")
    await _look_in(look, page, "#more-acts", "more")
    for opener, box, name in (("#bell", "#notices", "notices"), (".me", "#me", "account")):
        await _dialog(look, page, opener, box, name)
    for key, box in (("Control+k", "#palette"), ("?", "#keys")):
        await page.focus("#log")
        await page.keyboard.press(key)
        await _look_in(look, page, box, box)
    await page.click(".me")
    await _dialog(look, page, "#me [data-opens=preferences]", "#preferences", "preferences")


async def _composer(look: Look, page: Page) -> None:
    await page.click("#open-picker")
    await expect(page.locator("#picker-list .offer").first).to_be_visible()
    await look.at("template picker", "#composer")
    await page.click("#picker-list [data-kind=template]")
    await expect(page.locator("#template-slot [data-kind=template]")).to_be_visible()
    await look.at("template card", "#composer")
    await page.click("#schedule")
    await expect(page.locator("#schedule-slot")).not_to_be_empty()
    await look.at("schedule", "#composer")


async def _dialog(look: Look, page: Page, opener: str, box: str, name: str) -> None:
    await page.locator(opener).first.click()
    await _look_in(look, page, box, name)


async def _look_in(look: Look, page: Page, box: str, name: str) -> None:
    """A box that opens: looked at, and closed by Esc, which gives the focus back to something."""
    await expect(page.locator(box)).to_be_visible()
    if box in ("#people", "#act-dialog"):
        await expect(page.locator(f"{box} h2")).to_be_visible()
    await look.at(name, box)
    await page.keyboard.press("Escape")
    await expect(page.locator(box)).to_be_hidden()
    await _keeps_the_focus(page, name)


async def _keeps_the_focus(page: Page, name: str) -> None:
    async def somewhere() -> bool:
        return bool(await page.evaluate("document.activeElement !== document.body"))

    try:
        await until(somewhere)
    except AssertionError:
        raise AssertionError(f"{name}: Esc left the focus on the page") from None


@THEMES
async def test_the_settings_have_no_barrier(house: Running, browser: Browser, theme: str) -> None:
    context = await person(browser, house, theme)
    page = await sign_in(context, house, "admin")
    look = Look(page)
    for path in SETTINGS:
        answer = await page.goto(f"{house.url}/setup{path}")
        assert answer is not None
        assert answer.ok
        await look.at(f"settings{path}")
    await context.close()
    assert look.found == []


_TAB_STOP = f"""() => {{ {CONTROLS}
  const el = document.activeElement, box = el.getBoundingClientRect(), over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const style = getComputedStyle(el), card = getComputedStyle(el.closest('.composer-card, label') ?? el);
  const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || card.boxShadow !== 'none' || card.outlineStyle !== 'none';
  return {{ at: controls().indexOf(el), tag: el.outerHTML.slice(0, 90), seen, clear: !!over && (el.contains(over) || over.contains(el) || !!over.closest('label')) }};
}}"""


async def test_tab_reaches_everything_in_order_and_shows_where_it_is(house: Running, browser: Browser) -> None:
    context = await person(browser, house)
    page = await sign_in(context, house, "ana", await client(house))

    count = int(await page.evaluate(f"() => {{ {CONTROLS} return controls().length; }}"))
    assert count > 30
    stops: list[dict[str, Any]] = []
    while len(stops) < count:
        await page.keyboard.press("Tab")
        stop = await page.evaluate(_TAB_STOP)
        if stops and stop["at"] == stops[-1]["at"]:
            continue  # the parts of a date are stops of their own
        assert stop["at"] == len(stops), stop
        stops.append(stop)
    assert [stop for stop in stops if not stop["seen"]] == [], "focus that cannot be seen"
    assert [stop for stop in stops if not stop["clear"]] == [], "focus behind something"
    await context.close()


async def test_what_comes_is_said_once_and_what_changes_quietly_is_not(house: Running, browser: Browser) -> None:
    phone = some_phone()
    made = await story(house, 120, phone=phone)
    context = await person(browser, house)
    page = await sign_in(context, house, "ana", f"/c/{made['conversation_id']}?view=team")
    log = page.get_by_role("log")
    await expect(log).to_have_accessible_name(re.compile("Conversación con"))
    assert await page.locator("#timeline .state:not([aria-live=off])").count() == 0, "ticks are silent"
    busy: list[str | None] = []

    async def slow(route: Route) -> None:
        busy.append(await page.get_attribute("#log", "aria-busy"))
        await route.continue_()

    await page.route("**/entries?before=**", slow)
    await page.evaluate("document.getElementById('log').scrollTop = -1e6")
    await expect(page.locator("#timeline > .entry")).to_have_count(100)
    assert set(busy) == {"true"}, "history is not read aloud"
    await expect(page.locator("#log")).not_to_have_attribute("aria-busy", "true")
    await house.client_writes(phone, "¿me ayuda?")
    await expect(page.locator("#say")).to_have_text("Rosa Márquez: 1 nuevo")
    assert await page.get_attribute("#say", "role") == "status"
    await context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (720, 450)], ids=["320px", "200%"])
async def test_a_small_screen_needs_no_sideways_scroll(house: Running, browser: Browser, width: int, height: int) -> None:
    context = await person(browser, house, viewport={"width": width, "height": height})
    path = await client(house)
    page = await sign_in(context, house, "admin")
    for address in ("/?view=team", path, *(f"/setup{one}" for one in SETTINGS), "/sign-in?again=1"):
        await page.goto(house.url + address)
        assert await beyond(page) == [], address
    await page.goto(house.url + path)
    await live(page)
    for part in ("#client-name", "#composer-text", "#send", ".more-acts"):
        await expect(page.locator(part)).to_be_in_viewport()
    assert await page.evaluate("document.getElementById('log').clientHeight") >= 80, "what was said can be read"
    for key, box in (("?", "#keys"), ("Control+k", "#palette"), ("p", "#people[open]"), ("a", "#act-dialog[open]")):
        await page.focus("#log")
        await page.keyboard.press(key)
        await expect(page.locator(box)).to_be_visible()
        assert await beyond(page) == [], key
        await page.keyboard.press("Escape")
        await expect(page.locator(box)).to_be_hidden()
    await context.close()


_LONGER = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  const words = text => text.data.trim().length > 2 && !text.parentElement.closest('script, style, time, .num');
  while (walk.nextNode()) if (words(walk.currentNode)) texts.push(walk.currentNode);
  for (const text of texts) text.data = text.data.trimEnd() + ' ' + 'ñandú sin fin '.repeat(9).slice(0, Math.ceil(text.data.trim().length * .4));
}"""
_CUT = """() => [...document.querySelectorAll('button, .btn, .chip, .state, label, dt, h2, h3, .hint')]
  .filter(el => el.checkVisibility({ visibilityProperty: true }) && !el.closest('.vh') && !el.querySelector('.chip-text') && el.scrollWidth > el.clientWidth + 1)
  .filter(el => getComputedStyle(el).textOverflow !== 'ellipsis' && getComputedStyle(el).overflowX !== 'visible').map(el => el.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("way", ["longer", "larger"])
async def test_words_that_are_forty_per_cent_longer_or_larger_fit(house: Running, browser: Browser, way: str) -> None:
    context = await person(browser, house)
    page = await sign_in(context, house, "ana", await client(house))
    for size in (WIDE, NARROW):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await page.reload()
        await live(page)
        await page.evaluate(_LONGER if way == "longer" else "document.documentElement.style.fontSize = '140%'")
        assert await beyond(page) == [], size
        assert await page.evaluate(_CUT) == [], size
        await expect(page.locator("#send")).to_be_in_viewport()
    await context.close()


_STYLE = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
_STRONG_LINES = """() => {
  const style = getComputedStyle(document.documentElement);
  return style.getPropertyValue('--line') === style.getPropertyValue('--line-strong');
}"""
_MOVING = """() => [...document.querySelectorAll('*')].map(el => [el, getComputedStyle(el)])
  .filter(([, style]) => /[1-9]/.test(style.transitionDuration + style.animationDuration)).map(([el]) => el.outerHTML.slice(0, 90))"""


async def test_settings_of_the_system_are_kept(house: Running, browser: Browser) -> None:
    context = await person(browser, house)
    page = await sign_in(context, house, "ana", await client(house))
    assert await page.evaluate(_MOVING) == [], "less motion is none"
    assert not await page.evaluate(_STRONG_LINES)
    await page.emulate_media(contrast="more")
    assert await page.evaluate(_STRONG_LINES)
    await page.emulate_media(contrast="no-preference", forced_colors="active")
    shapes = [".btn.primary", ".btn", ".chip", ".bubble", ".composer-card", ".queue", ".debt"]
    assert [one for one in shapes if await page.evaluate(_STYLE, [one, "borderTopWidth"]) == "0px"] == [], "shapes that only a colour made"
    chosen = [".tab[aria-current]", ".filter[aria-pressed=true]", ".channel[aria-pressed=true]", ".row-link[aria-current]"]
    assert [one for one in chosen if await page.evaluate(_STYLE, [one, "outlineStyle"]) == "none"] == [], (
        "choices that only a colour showed"
    )
    await page.focus("#composer-text")
    assert await page.evaluate(_STYLE, [".composer-card", "outlineStyle"]) != "none"
    for opener, shown in (
        ("[data-key-action=promise]", ".day-choice input:checked + span"),
        ("[data-key-action=palette]", ".palette-field"),
    ):
        await page.locator(opener).first.click()
        await expect(page.locator(shown)).to_be_visible()
        assert await page.evaluate(_STYLE, [shown, "outlineStyle"]) != "none", shown
        await page.keyboard.press("Escape")
        await expect(page.locator(shown)).to_be_hidden()
    await context.close()


async def test_closing_gives_the_focus_back_to_what_opened(house: Running, browser: Browser) -> None:
    context = await person(browser, house)
    page = await sign_in(context, house, "ana", await client(house))
    boxes = {
        "#bell": "#notices",
        ".me": "#me",
        ".more-acts": "#more-acts",
        "[data-key-action=promise]": "#people",
        ".split [data-act-menu=close]": "#act-dialog",
    }
    for opener, box in boxes.items():
        control = page.locator(opener).first
        await control.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(box)).to_be_visible()
        if box in ("#people", "#act-dialog"):

            async def inside(box: str = box) -> bool:
                return bool(await page.evaluate("box => document.querySelector(box).contains(document.activeElement)", box))

            await until(inside)
        await page.keyboard.press("Escape")
        await expect(page.locator(box)).to_be_hidden()
        await expect(control).to_be_focused()
    await context.close()
