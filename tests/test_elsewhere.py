"""Looking for a prepared text on a channel that does not have it: the picker says where it is, and never takes another for it by itself."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.doors import Visitor, signed_in
from tests.running import Running
from tests.test_templates import recorded
from tests.writing import at_desk, rosa, types

_OPTION = re.compile(r'<li id="offer-[^"]*" class="offer".*?</li>', re.DOTALL)


async def offered(who: Visitor, conversation: str, query: str, channel: str = "sms") -> list[str]:
    """The options of the picker, whole."""
    page = await who.get(f"/c/{conversation}/templates?channel={channel}&q={query}")
    assert page.status_code == 200
    return _OPTION.findall(page.text)


async def test_a_name_ranks_before_words_and_what_is_elsewhere_is_told_last(running: Running) -> None:
    client = await rosa(running)
    path = client["conversation_id"]
    await recorded(running, name="propuesta_plan", body="Hola. ¿Cuántas cuotas le sirven, por favor?")
    await recorded(running, kind="canned", name="abono", body="Podemos hacer un plan a su medida.", channel=None, category=None)
    await recorded(running, kind="canned", name="el plan", body="Podemos repartirlo.", channel=None, category=None)
    await recorded(running, "rejected", name="plan_viejo", body="Hola. Esto no salió bien, disculpe.")
    ana = await signed_in(running)
    names = [re.findall("<strong>(.*?)</strong>", one)[0] for one in await offered(ana, path, "plan")]
    assert names == ["el plan", "abono", "propuesta_plan"]
    last = (await offered(ana, path, "plan"))[-1]
    assert 'aria-disabled="true"' in last
    assert "Solo por WhatsApp: cambia el canal con C." in last
    assert len(await offered(ana, path, "")) == 2, "nothing is missed by whoever looks for nothing"
    assert len(await offered(ana, path, "cuotas")) == 0, "words alone are no name"
    [there] = await offered(ana, path, "propuesta", "whatsapp")
    assert "aria-disabled" not in there
    assert (await ana.post("/me/preferences", {"remap": "channel=5"})).status_code < 400
    assert "cambia el canal con 5." in (await offered(ana, path, "propuesta"))[0]


async def test_a_client_without_that_channel_is_told_of_nothing_there(running: Running) -> None:
    await recorded(running, name="propuesta_plan", body="Hola. ¿Cuántas cuotas le sirven, por favor?")
    client = await running.new_client("+573001112233", "Rosa Márquez")
    assert await offered(await signed_in(running), client["conversation_id"], "propuesta") == []


@pytest.mark.usefixtures("worker")
async def test_what_is_elsewhere_is_never_taken(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    await recorded(running, name="propuesta_plan", body="Hola. ¿Cuántas cuotas le sirven, por favor?")
    await page.click("#channel-sms")
    await types(page, "/")
    await page.keyboard.type("propuesta")
    other = page.locator("#picker-list .offer")
    await expect(other).to_contain_text("Solo por WhatsApp")
    await expect(other).to_have_attribute("aria-selected", "false")
    await page.keyboard.press("Enter")
    await expect(page.locator("#picker")).to_be_visible()
    await other.click(force=True)
    await expect(page.locator("#picker")).to_be_visible()
    await expect(page.locator("#template-slot")).to_be_empty()
