"""A whole shift by the keyboard alone: two agents, twenty clients who wait, and nobody is answered twice, left out, or loses the focus."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.desk import equals_a_fresh_render, leave_the_list, sign_in
from tests.running import Running, until
from tests.test_templates import record

pytestmark = pytest.mark.usefixtures("worker")
CLIENTS = 20
WHATSAPP, PAST_THE_WINDOW, BOTH = (3, 8, 13), (5, 12), (1, 2, 9, 10)
CANNED = {"kind": "canned", "name": "horario", "language": "es", "body": "Con gusto, {{first_name}}. Quedo atenta.", "channel": "sms"}
# From the first focus on: every key must find it on something, and whatever loses it must have passed it on before anybody could press another:
# two frames later, however long those take on a busy machine. Toasts stay, so that a key that takes back comes in time there, too.
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RECORDER = """
const timer = window.setTimeout;
window.setTimeout = (run, after, ...rest) => after === 6000 ? 0 : timer(run, after, ...rest);
window.lost = [];
let last = null;
const now = () => Math.round(performance.now()), nowhere = () => document.activeElement === document.body && !document.querySelector("dialog:modal");
const away = why => { if (last && nowhere()) lost.push(`${now()} ${why}, which was on ${last}`); };
const later = why => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => away(why))), 150);
addEventListener('focusin', event => { const el = event.target; last = `${now()} ${el.id || el.outerHTML.slice(0, 120)}`; }, true);
addEventListener('focusout', () => later(`${now()} passed on by nobody`), true);
addEventListener('keydown', event => { away(`before ${event.key}`); later(`${now()} after ${event.key}`); }, true);
"""


class Shift:
    """One agent at work by keys."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.answered: list[str] = []
        self.wrong: list[str] = []

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.evaluate(FRAMES)
            await self.page.keyboard.press(key)

    async def next_client(self) -> str | None:
        """Take whoever has waited longest; None when nobody waits any more."""
        before = await self.open()
        await self.idle()
        async with self.page.expect_response(re.compile("/next")) as answered:
            await self.press("x")
        answer = await answered.value
        if answer.status == 409 and "Nadie" in answer.headers.get("x-problem", ""):
            return None
        assert answer.status == 200, f"{answer.status}: {answer.headers}"
        await expect(self.page.locator(f'#conversation[data-id="{before}"]')).to_have_count(0)
        await expect(self.page.locator("#header")).to_contain_text("Tuya")
        return await self.open()

    async def pick(self, colleague: str) -> str | None:
        """Go to a row of those who wait for anybody, open it and take it; None where there is none, or the colleague was faster."""
        before = await self.open()
        await self.press("j")
        row = str(await self.page.evaluate("document.activeElement.closest('.row.unread')?.dataset.id ?? ''"))
        if not row or row == before:
            return None
        await self.press("Enter")
        await expect(self.page.locator(f'#conversation[data-id="{row}"]')).to_have_count(1)
        await self.idle()
        if await self.page.locator("#timeline .entry.out").count():
            return None  # the list was a moment late: the colleague has answered already
        header = self.page.locator("#header")
        if colleague not in await header.inner_text():
            await self.press("i")
        await expect(header).to_contain_text(re.compile(f"Tuya|{colleague}|Cerrada|Ya pagó|Persona equivocada"))
        return row if "Tuya" in await header.inner_text() else None

    async def idle(self) -> None:
        """Nothing is on its way that a second request would have to wait for."""
        await expect(self.page.locator("#main[aria-busy=true], .htmx-request")).to_have_count(0)

    async def open(self) -> str:
        box = self.page.locator("#conversation")
        return str(await box.get_attribute("data-id")) if await box.count() else ""

    async def answer(self, text: str) -> None:
        """Words of one's own, sent by Ctrl Enter."""
        await self.press("r")
        await expect(self.page.locator("#composer-text")).to_be_focused()
        await self.page.keyboard.type(text)
        await self._send(text)

    async def answer_prepared(self) -> None:
        """A prepared text, found by its first letters."""
        await self.press("r", "/")
        await expect(self.page.locator("#picker-query")).to_be_focused()
        await self.page.keyboard.type("hora")
        await expect(self.page.locator('#picker-list[data-for="hora"] [aria-selected=true]')).to_contain_text("horario")
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#composer-text")).to_have_value(re.compile("Quedo atenta"))
        await self._send("Quedo atenta")

    async def answer_by_template(self) -> None:
        """The only way after WhatsApp's day; told by the channel itself, and found by its first letters."""
        await self.press("r", "/")
        await expect(self.page.locator("#picker-query")).to_be_focused()
        await self.page.keyboard.type("segu")
        await expect(self.page.locator('#picker-list[data-for="segu"] [aria-selected=true]')).to_contain_text("seguimos")
        await self.press("Enter")
        await expect(self.page.locator(".template-card")).to_be_visible()
        await self._send("seguimos atentos")

    async def channels(self) -> set[str]:
        """What free text may be written by."""
        free = "els => els.filter(el => el.getAttribute('aria-disabled') !== 'true' && !('templatesOnly' in el.dataset)).map(el => el.dataset.channel)"
        return set(await self.page.locator("#channels [data-channel]").evaluate_all(free))

    async def look_around(self) -> None:
        """Keys that change nothing for long: the other channel, the menus, the panel."""
        page = self.page
        chosen = page.locator("#channels [data-channel][aria-pressed=true]")
        before = await chosen.get_attribute("data-channel")
        await self.press("c")
        await expect(page.locator(f"#channel-{before}")).to_have_attribute("aria-pressed", "false")
        await self.press("Escape")
        for key in ("a", "b"):
            await self.press(key)
            await expect(page.locator("#act-dialog")).to_be_visible()
            await self.press("Escape")
            await expect(page.locator("#act-dialog")).to_be_hidden()
        for there in ("#context", "#client-name"):
            await self.press("d")
            await expect(page.locator(there)).to_be_focused()

    async def let_go_and_take(self) -> None:
        """Once it is answered: whoever waits would be the colleague's at once."""
        for told in ("Soltada", "Tomada"):
            await self.idle()
            await self.press("i")
            await expect(self.page.locator("#undo")).to_contain_text(told)

    async def unread(self) -> None:
        """Put back among the new ones, as a reminder."""
        await self.press("u")
        await expect(self.page.locator("#undo")).to_contain_text("no leída")

    async def _send(self, text: str) -> None:
        await self.press("Control+Enter")
        await expect(self.page.locator(".entry.out", has_text=text)).to_have_count(1)
        await expect(self.page.locator("#composer-text")).to_have_value("")
        self.answered.append(await self.open())
        await self.press("Escape")

    async def promise(self, amount: str) -> None:
        await self.press("p")
        await expect(self.page.locator("#money-amount")).to_be_focused()
        await self.page.keyboard.type(amount)
        await self.press("Enter")
        await expect(self.page.locator("#people")).to_be_hidden()
        await expect(self.page.locator("#timeline .is-promise")).to_have_count(1)

    async def note(self, whom: str) -> None:
        """A note that names a colleague."""
        await self.press("n")
        await expect(self.page.locator("#composer[data-mode=note] #composer-text")).to_be_focused()
        await self.page.keyboard.type(f"@{whom[:3]}")
        await expect(self.page.locator("[role=option].mention-option").first).to_contain_text(whom)
        await self.press("Enter")
        await expect(self.page.locator("#composer-text")).to_have_value(re.compile(f"@{whom} "))
        await self.page.keyboard.type(" ¿le damos dos cuotas?")
        await self.press("Control+Enter")
        await expect(self.page.locator(".entry.is-note")).to_contain_text("dos cuotas")
        await expect(self.page.locator("#composer-text")).to_have_value("")
        await self.press("Escape")

    async def close(self) -> None:
        """Closed at once."""
        await self.press("e")
        await expect(self.page.locator("#undo")).to_contain_text("Cerrada")

    async def undo(self) -> None:
        await self.press("z")
        await expect(self.page.locator("#act-close")).to_contain_text("Cerrar")
        await expect(self.page.locator("#undo")).not_to_contain_text("Cerrada")

    async def away(self, key: str, told: str) -> None:
        """Out of the list by one key: snoozed, or the wrong person."""
        await self.press(key)
        await expect(self.page.locator("#undo")).to_contain_text(told)

    async def disposition(self) -> None:
        """What came of it, by its number."""
        await self.press("o")
        await expect(self.page.locator("#act-dialog")).to_be_visible()
        await self.press("2")
        await expect(self.page.locator("#act-dialog")).to_be_hidden()
        await expect(self.page.locator("#undo")).to_contain_text("Ya pagó")


async def work(shift: Shift, colleague: str) -> None:
    """Client after client until nobody waits, by X and by rows in turns. What is done besides answering comes round as well."""
    number = 0
    while (number % 2 and await shift.pick(colleague)) or await shift.next_client():
        if number == 4:
            shift.wrong.append(await shift.open())
            await shift.away("w", "persona equivocada")
        else:
            await answer(shift, number)
            await besides(shift, number, colleague)
        assert await shift.page.evaluate("lost") == [], f"{shift.name}, client {number}"
        number += 1


async def answer(shift: Shift, number: int) -> None:
    free = await shift.channels()
    if len(free) > 1:
        await shift.look_around()
    if not free:
        await shift.answer_by_template()
    elif number % 3 == 1 and free == {"sms"}:
        await shift.answer_prepared()
    else:
        await shift.answer(f"Claro que sí, le ayudo. {shift.name} {number}.")


async def besides(shift: Shift, number: int, colleague: str) -> None:
    if number == 0:
        await shift.note(colleague)
    if number in (0, 2, 5):
        await shift.promise("25000")
    if number == 1:
        return await shift.away("s", "Pospuesta hasta")
    if number == 3:
        await shift.let_go_and_take()
    if number == 5:
        await shift.unread()
    await shift.close()
    if number == 2:
        await shift.undo()
        await shift.close()
    if number == 3:
        await shift.disposition()
    return None


@pytest.mark.timeout(900)
async def test_twenty_clients_are_worked_by_two_agents_without_a_mouse(running: Running, context: BrowserContext, browser: Browser) -> None:
    phones = [f"+5730011{number:05d}" for number in range(CLIENTS)]
    await _texts(running)
    for number, phone in enumerate(phones):
        await _waits(running, number, phone)
    other = await browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900})
    for one in (context, other):
        await one.add_init_script(RECORDER)
    ana = Shift(await sign_in(context, running, "ana", "/?view=unassigned"), "Ana")
    luis = Shift(await sign_in(other, running, "luis", "/?view=unassigned"), "Luis")
    await asyncio.gather(work(ana, "Luis"), work(luis, "Ana"))
    await _nobody_was_answered_twice(running, ana, luis, phones)
    for shift in (ana, luis):
        await leave_the_list(shift.page)
        await equals_a_fresh_render(shift.page)
    await other.close()


async def _texts(running: Running) -> None:
    async with running.api("supervisora") as api:
        assert (await api.post("/api/v1/templates", json=CANNED)).status_code == 201
    answer = await record(running, name="seguimos", body="Hola {{first_name}}, seguimos atentos a tu mensaje. ¿Te sirve?")
    assert answer.status_code == 201, answer.text

    async def approved() -> bool:
        return bool(await running.rows("select id from template where org_id = :org and approval = 'approved'"))

    await until(approved, 90)


async def _waits(running: Running, number: int, phone: str) -> None:
    """A client who has just written by SMS or WhatsApp; some by both, and some by WhatsApp more than a day ago."""
    whatsapp = number in (*WHATSAPP, *PAST_THE_WINDOW)
    ways = ("sms", "whatsapp") if number in BOTH else ("whatsapp",) if whatsapp else ("sms",)
    addresses = [{"channel": way, "value": phone} for way in ways]
    client = await running.new_client(phone, f"Cliente {chr(65 + number)} Prueba", addresses=addresses, language="es")
    for way in ways:
        more = {"channel": way} if way == "whatsapp" else {}
        await running.client_writes(phone, "¿puedo pagar la mitad el viernes?", **more)
    if number in PAST_THE_WINDOW:
        async with running.product.work() as tx:
            await tx.run(
                "update contact_act set at = at - interval '25 hours' where org_id = :org and debtor_id = cast(:debtor as uuid)",
                debtor=client["id"],
            )


async def _nobody_was_answered_twice(running: Running, ana: Shift, luis: Shift, phones: list[str]) -> None:
    answered, wrong = ana.answered + luis.answered, ana.wrong + luis.wrong
    assert len(answered + wrong) == len({*answered, *wrong}) == CLIENTS, "all but the wrong persons were answered, each once"
    assert min(len(ana.answered), len(luis.answered)) >= 3, "both worked"

    async def arrived() -> bool:
        rows = await running.rows("select state from message where org_id = :org and direction = 'out'")
        return len(rows) == len(answered) and {row.state for row in rows} <= {"delivered", "read"}

    await until(arrived, 90)
    async with running.simulator() as simulator:
        accepted = (await simulator.get("/_simulator/accepted?limit=10000")).json()["accepted"]
    rung = [str(one["to"]).removeprefix("whatsapp:") for one in accepted]
    rung = [phone for phone in rung if phone in phones]
    assert len(rung) == len(set(rung)) == len(answered), "each phone rang once"
