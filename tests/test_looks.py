"""What people read and how it is set: words for rules, what was promised in a list's row, sums that stay whole, sentences without holes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import BrowserContext, Page, expect

from console.demo.templates import prepared_texts
from console.desk.palette import THEMES
from console.formats import unbroken
from console.held import _moments
from tests.desk import sign_in
from tests.doors import signed_in
from tests.running import Running
from tests.test_templates import recorded
from tests.writing import at_desk, rosa, types

# How far what follows a mark stands from it, and a mark from what stands before it.
GAPS = """() => [...document.querySelectorAll('#picker-list mark.var')].flatMap(mark => {
  const at = node => { const range = document.createRange(); range.selectNodeContents(node); return range.getBoundingClientRect(); };
  const inside = at(mark), box = mark.getBoundingClientRect();
  return [inside.left - box.left, box.right - inside.right];
})"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Su pago de $ 370.000 venció", "Su pago de $\N{NO-BREAK SPACE}370.000 venció"),
        ("R$ 1.200,50 e S/ 20", "R$\N{NO-BREAK SPACE}1.200,50 e S/\N{NO-BREAK SPACE}20"),
        ("cuesta $ mucho", "cuesta $ mucho"),
        ("$370.000", "$370.000"),
    ],
)
def test_a_sum_is_not_broken_from_its_sign(text: str, shown: str) -> None:
    assert unbroken(text) == shown


async def test_a_message_is_shown_unbroken_and_sent_as_it_was_written(running: Running) -> None:
    client = await running.new_client("+573001112233", "Rosa Márquez")
    await running.client_writes("+573001112233", "Debo $ 370.000, ¿verdad?")
    page = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text
    assert "Debo $\N{NO-BREAK SPACE}370.000" in page
    assert [entry["text"] for entry in await running.timeline(client["id"])] == ["Debo $ 370.000, ¿verdad?"]


@pytest.mark.usefixtures("worker")
async def test_filled_in_words_are_set_as_in_a_sentence(running: Running, context: BrowserContext) -> None:
    await recorded(
        running, kind="canned", name="saludo", body="Hola, {{first_name}}. ¿Qué tal, {{first_name}}?", channel=None, category=None
    )
    page = await at_desk(context, running, await rosa(running))
    await page.click("#channel-sms")
    await types(page, "/")
    await expect(page.locator("#picker-list mark.var").first).to_be_visible()
    gaps = await page.evaluate(GAPS)
    assert len(gaps) == 4
    assert all(abs(gap) < 0.5 for gap in gaps), gaps


@pytest.mark.usefixtures("worker")
async def test_on_a_phone_a_planned_message_is_told_in_lines_that_can_be_read(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.click("#channel-sms")
    await types(page, "Hasta mañana")
    await page.click("#schedule")
    await page.locator(".moment:not([aria-disabled])").first.click()
    told = page.locator("#undo .undo-toast p")
    await expect(told).to_contain_text("Programado")
    assert await told.evaluate("el => el.getBoundingClientRect().height") < 60


async def test_on_a_phone_whose_client_it_is_touches_nothing(running: Running, context: BrowserContext) -> None:
    client = await running.new_client("+573001112233", "Milena Saldarriaga Bustamante Restrepo")
    ana = await signed_in(running)
    assert (await ana.post(f"/c/{client['conversation_id']}/claim")).status_code == 200
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}")
    await page.set_viewport_size({"width": 390, "height": 844})
    chip, more = page.locator(".conv-state .chip"), page.locator("#header .btn:visible").nth(1)
    await expect(chip).to_have_text("Tuya")
    assert await _right(page, ".conv-state .chip") <= await more.evaluate("el => el.getBoundingClientRect().left") - 4


async def _right(page: Page, selector: str) -> float:
    right: float = await page.locator(selector).evaluate("el => el.getBoundingClientRect().right")
    return right


async def test_the_page_of_who_can_be_contacted_speaks_in_words_and_says_what_it_does_not_know(running: Running) -> None:
    await running.new_client("+573001112233", "Rosa Márquez")
    await running.client_writes("+573001112233", "STOP")
    supervisor = await signed_in(running, "supervisora")
    page = (await supervisor.get("/setup/contactable")).text
    assert "Pidieron que no se les escriba" in page
    assert ">opt_out_word<" not in page
    assert "aún no se revisan los horarios, festivos y límites que fija la ley de cada país" in page


@pytest.mark.parametrize(("kind", "label"), [("promise", "Promesa de pago"), ("payment", "Pago")])
async def test_a_row_says_how_much_was_promised_or_paid(running: Running, kind: str, label: str) -> None:
    client = await running.new_client("+573001112233", "Rosa Márquez")
    ana, path = await signed_in(running), f"/c/{client['conversation_id']}"
    day = datetime.now(UTC).date() + timedelta(days=1 if kind == "promise" else -2)
    token = str(uuid.uuid4())
    form = {"amount": "100000", "currency": "COP", "day": "other", "on": str(day), "client_token": token}
    assert (await ana.post(f"{path}/{kind}s", form)).status_code == 200
    assert f"{label} · $ 100.000" in (await ana.get("/queue?view=team")).text
    assert (await ana.post(f"{path}/{kind}s/{token}/take-back")).status_code == 200
    assert "$ 100.000" not in (await ana.get("/queue?view=team")).text


def test_moments_are_named_by_the_day_that_they_are_of() -> None:
    monday, friday = datetime(2026, 11, 23, 18, tzinfo=UTC), datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert [name for name, _ in _moments(monday)][:2] == ["Tomorrow morning", "Tomorrow afternoon"]
    assert [name for name, _ in _moments(friday)][:2] == ["Next working day", "Next working day, in the afternoon"]
    assert [at.hour for _, at in _moments(monday)][:2] == [9, 15]


async def test_a_theme_of_this_device_is_no_theme_of_a_team(running: Running) -> None:
    assert len(THEMES) == 3
    page = (await (await signed_in(running)).get("/palette?q=tema")).text
    assert "Tema de este dispositivo" in page
    assert "equipo" not in page


def test_no_prepared_text_of_the_demo_names_a_day_that_has_passed() -> None:
    texts = list(prepared_texts())
    assert any(text.name == "saldo" for text in texts)
    assert [text.name for text in texts if "{{due_on}}" in text.body] == []
