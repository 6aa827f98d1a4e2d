"""More than is owed is asked about before it is noted: the yes is for that amount towards that account, and the server holds it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from base.errors import InvalidField
from inbox import promises
from inbox.access import reader_by_token
from inbox.brakes import MoreThanOwed
from inbox.promises import Declared
from tests.running import Running
from tests.test_people import Desk, desk
from tests.writing import at_desk, rosa

ASKED = "Es más de lo que debe: $ 250.000. ¿Anotarlo así?"
KINDS = ("promise", "payment")
DEBTS = [
    {"ref": "D-1", "creditor": "Banco Aurora", "total_due": "100000", "currency": "COP"},
    {"ref": "D-2", "creditor": "Banco Aurora", "total_due": "150000", "currency": "COP"},
    {"ref": "D-3", "creditor": "Banco Aurora", "total_due": "90", "currency": "USD"},
]


def form(kind: str, amount: str, **more: str) -> dict[str, str]:
    days = 2 if kind == "promise" else -2
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return {"client_token": str(uuid4()), "amount": amount, "currency": "COP", "day": "other", "on": day} | more


async def held(http: Desk, client: dict[str, Any], kind: str, values: dict[str, str]) -> str | None:
    """What has to come back as confirmed; None where it was noted at once."""
    answer = await http.post(f"/c/{client['conversation_id']}/{kind}s", values)
    if answer.status_code == 200:
        return None
    assert answer.status_code == 422, answer.text
    [vals] = re.findall(r"hx-vals='(\{&#34;confirmed.*?|\{\"confirmed.*?)'", answer.text)
    assert 'name="amount"' in answer.text, "the form as it was"
    assert f'value="{values["amount"]}"' in answer.text
    told = re.fullmatch(r'\{"confirmed": "(.*)"\}', html.unescape(vals))
    assert told is not None
    return told[1]


async def amounts(running: Running, kind: str) -> list[Decimal]:
    return [row.amount for row in await running.rows(f"select amount from {kind} where org_id = :org order by id")]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_zero_too_many_is_asked_about_and_a_yes_is_for_that_amount_only(running: Running, kind: str) -> None:
    client = await rosa(running)
    async with desk(running) as http:
        values = form(kind, "2.500.000")
        answer = await http.post(f"/c/{client['conversation_id']}/{kind}s", values)
        assert answer.status_code == 422
        assert ASKED in answer.text.replace("\xa0", " ")
        yes = await held(http, client, kind, values)
        assert yes is not None
        assert await amounts(running, kind) == [], "nothing was noted"
        other = await held(http, client, kind, values | {"amount": "25.000.000", "confirmed": yes})
        assert other not in (None, yes), "another amount is asked about again"
        assert await held(http, client, kind, values | {"confirmed": "yes"}) == yes
        assert await amounts(running, kind) == []
        assert await held(http, client, kind, values | {"confirmed": yes}) is None
        assert await amounts(running, kind) == [Decimal(2_500_000)]
        assert await held(http, client, kind, form(kind, "250.000")) is None, "all that is owed is no more than is owed"
        assert await held(http, client, kind, form(kind, "250.001")) is not None


async def test_what_is_owed_is_that_of_the_account_that_was_named(running: Running) -> None:
    client = await rosa(running, debts=DEBTS)
    ids = {row.ref: str(row.id) for row in await running.rows("select id, ref from debt where org_id = :org")}
    async with desk(running) as http:
        assert await held(http, client, "promise", form("promise", "200.000")) is None, "of all accounts together it is no more"
        yes = await held(http, client, "promise", form("promise", "120.000", debt=ids["D-1"]))
        assert yes is not None
        assert await held(http, client, "promise", form("promise", "120.000", debt=ids["D-2"])) is None
        first = await held(http, client, "promise", form("promise", "160.000", debt=ids["D-1"]))
        again = await held(http, client, "promise", form("promise", "160.000", debt=ids["D-2"], confirmed=str(first)))
        assert again not in (None, first), "the same amount towards another account is asked about again"
        assert await held(http, client, "promise", form("promise", "120.000", debt=ids["D-1"], confirmed=yes)) is None
        assert await held(http, client, "promise", form("promise", "1.000", currency="USD")) is not None
        assert await held(http, client, "promise", form("promise", "9.000.000", currency="MXN")) is None, "nothing to compare with"


async def test_what_others_are_owed_is_neither_told_nor_counted(running: Running) -> None:
    """A portfolio that the reader does not see is no part of the sum."""
    debts = [DEBTS[0], {"ref": "D-9", "creditor": "Tienda Sol", "total_due": "900000", "currency": "COP"}]
    client = await rosa(running, debts=debts)
    async with desk(running) as http:
        answer = await http.post(f"/c/{client['conversation_id']}/promises", form("promise", "500.000"))
    assert (answer.status_code, "$ 100.000" in answer.text.replace("\xa0", " ")) == (422, True)


async def test_programs_and_tests_are_held_too(running: Running) -> None:
    client = await rosa(running)
    async with running.product.work() as tx:
        ana = await reader_by_token(tx, running.tokens["ana"])
        assert ana is not None
        on = await promises.today_of(tx, UUID(client["id"]))
        with pytest.raises(MoreThanOwed, match="more than what they owe: 250,000") as caught:
            await promises.record_promise(tx, ana, UUID(client["id"]), Declared(Decimal(300_000), "COP", on, None, uuid4()))
        assert isinstance(caught.value, InvalidField)


@pytest.mark.usefixtures("worker")
async def test_enter_asks_again_and_the_yes_is_pressed(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("p")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.keyboard.type("2500000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#amount-over")).to_contain_text("Es más de lo que debe")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.locator("#amount-over").evaluate("el => el.dataset.before = 'yes'")
    await page.keyboard.press("Enter")
    await expect(page.locator("#amount-over:not([data-before])")).to_be_visible()
    await expect(page.locator("#money-amount")).to_be_focused()
    assert await amounts(running, "promise") == [], "two strokes of Enter are no decision"
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sí, anotar")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#people")).to_be_hidden()
    await expect(page.locator(".entry.is-promise")).to_contain_text("2.500.000")
    assert await amounts(running, "promise") == [Decimal(2_500_000)]


@pytest.mark.usefixtures("worker")
async def test_an_amount_that_was_set_right_is_simply_noted(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.focus("#client-name")
    await page.keyboard.press("q")
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.keyboard.type("2500000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#amount-over")).to_be_visible()
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("250000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#people")).to_be_hidden()
    assert await amounts(running, "payment") == [Decimal(250_000)]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("key", ["p", "q"])
async def test_another_day_is_typed_and_no_calendar_opens_over_the_keys(running: Running, context: BrowserContext, key: str) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.evaluate("() => { window.shown = 0; HTMLInputElement.prototype.showPicker = function () { window.shown += 1; }; }")
    await page.focus("#client-name")
    await page.keyboard.press(key)
    await expect(page.locator("#money-amount")).to_be_focused()
    await page.keyboard.type("100000")
    await page.focus("#money-form [name=day]:checked")
    await page.keyboard.press("ArrowUp")  # round to the last one
    await expect(page.locator("#money-on")).to_be_focused()
    await expect(page.locator("#money-form [name=day][value=other]")).to_be_checked()
    assert await page.evaluate("() => window.shown") == 0
    await page.focus("#money-form [name=day]:checked")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#money-form [name=day]").first).to_be_checked()
    await page.locator(".day-choice.own").click()
    await expect(page.locator("#money-on")).to_be_focused()
    assert await page.evaluate("() => window.shown") == 1, "whoever points may pick it from the calendar"
