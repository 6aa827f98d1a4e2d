"""A whole shift by the keyboard alone: two agents, twenty clients who wait, and nobody is answered twice, left out, or loses the focus."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.desk import equals_a_fresh_render, leave_the_list, sign_in
from tests.running import Running, until

pytestmark = pytest.mark.usefixtures("worker")
CLIENTS = 20
CANNED = {"kind": "canned", "name": "horario", "language": "es", "body": "Con gusto, {{first_name}}. Quedo atenta.", "channel": "sms"}
FOCUS = "() => document.activeElement === document.body ? '' : document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


class Shift:
    """One agent at work; after every key the focus is on something."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.answered: list[str] = []

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

            async def somewhere() -> bool:
                return bool(await self.page.evaluate(FOCUS))

            await until(somewhere, 10)

    async def next_client(self) -> str | None:
        """Take whoever has waited longest; None when nobody waits any more."""
        before = await self.open()
        async with self.page.expect_response(re.compile("/next")) as answer:
            await self.press("x")
        if (await answer.value).status != 200 or not (await (await answer.value).text()).strip():
            return None
        await expect(self.page.locator(f'#conversation[data-id="{before}"]')).to_have_count(0)
        await expect(self.page.locator("#header")).to_contain_text("Tuya")
        return await self.open()

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
        await self.press("r")
        await self.page.keyboard.press("/")
        await expect(self.page.locator("#picker-query")).to_be_focused()
        await self.page.keyboard.type("hora")
        await expect(self.page.locator("#picker-list [aria-selected=true]")).to_contain_text("horario")
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#composer-text")).to_have_value(re.compile("Quedo atenta"))
        await self._send("Quedo atenta")

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
        await self.page.keyboard.type(f"@{whom[:3]}")
        await expect(self.page.locator("[role=option].mention-option").first).to_contain_text(whom)
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.type(" ¿le damos dos cuotas?")
        await self.press("Control+Enter")
        await expect(self.page.locator(".entry.is-note")).to_contain_text("dos cuotas")
        await self.press("Escape")

    async def close(self) -> None:
        """Closed at once."""
        await self.press("e")
        await expect(self.page.locator("#undo")).to_contain_text("Cerrada")

    async def undo(self) -> None:
        await self.press("z")
        await expect(self.page.locator("#act-close")).to_contain_text("Cerrar")

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
    """Client after client until nobody waits. What is done besides answering comes round by turns."""
    number = 0
    while await shift.next_client():
        if number == 4:
            await shift.away("w", "persona equivocada")
        elif number % 3 == 1:
            await shift.answer_prepared()
        else:
            await shift.answer(f"Claro que sí, le ayudo. {shift.name} {number}.")
        if number == 0:
            await shift.note(colleague)
        if number in (0, 2, 5):
            await shift.promise("25000")
        if number == 1:
            await shift.away("s", "Pospuesta hasta")
        elif number != 4:
            await shift.close()
        if number == 2:
            await shift.undo()
            await shift.close()
        if number == 3:
            await shift.disposition()
        number += 1


async def test_twenty_clients_are_worked_by_two_agents_without_a_mouse(running: Running, context: BrowserContext, browser: Browser) -> None:
    phones = [f"+5730011{number:05d}" for number in range(CLIENTS)]
    async with running.api("supervisora") as api:
        assert (await api.post("/api/v1/templates", json=CANNED)).status_code == 201
    for number, phone in enumerate(phones):
        await running.new_client(phone, f"Cliente {chr(65 + number)} Prueba")
        await running.client_writes(phone, "¿puedo pagar la mitad el viernes?")
    other = await browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900})
    ana = Shift(await sign_in(context, running, "ana", "/?view=unassigned"), "Ana")
    luis = Shift(await sign_in(other, running, "luis", "/?view=unassigned"), "Luis")
    await asyncio.gather(work(ana, "Luis"), work(luis, "Ana"))
    await _nobody_was_answered_twice(running, ana, luis, phones)
    for shift in (ana, luis):
        await leave_the_list(shift.page)
        await equals_a_fresh_render(shift.page, 10)
    await other.close()


async def _nobody_was_answered_twice(running: Running, ana: Shift, luis: Shift, phones: list[str]) -> None:
    answered = ana.answered + luis.answered
    assert len(answered) == len(set(answered)) == CLIENTS - 2, "all but the two wrong persons, each once"
    assert min(len(ana.answered), len(luis.answered)) >= 3, "both worked"

    async def delivered() -> bool:
        rows = await running.rows("select state from message where org_id = :org and direction = 'out'")
        return [row.state for row in rows] == ["delivered"] * (CLIENTS - 2)

    await until(delivered, 30)
    async with running.simulator() as simulator:
        accepted = (await simulator.get("/_simulator/accepted?limit=10000")).json()["accepted"]
    arrived = [one["to"] for one in accepted if one["to"] in phones]
    assert len(arrived) == len(set(arrived)) == CLIENTS - 2, "each phone rang once"
