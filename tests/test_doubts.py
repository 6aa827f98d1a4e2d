"""Words that may ask for no more messages: nothing is sent until an agent has said whether they did, and it is known who said so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from inbox.delivery import deliver_due
from inbox.holding import withhold_closed
from tests.carrier import accept, another_product, pending_of, queue, send, state_of
from tests.desk import equals_a_fresh_render
from tests.doors import NOBODY, open_portfolio, signed_in, stranger
from tests.running import Running
from tests.test_templates import client_with, rule_of
from tests.writing import at_desk, says

PHONE, OTHER = "+573001234567", "+573007654321"
MAY, SURE = "ya no me escriban tanto que estoy ocupada", "no me escriban más"
ASKED = "¿lo pidió?"


async def doubted(running: Running, text: str = MAY) -> dict[str, Any]:
    client = await running.new_client(PHONE)
    await running.client_writes(PHONE, text)
    return client


async def doubt(running: Running) -> Any:
    (row,) = await running.rows("select address_id, entry_id from opt_out where org_id = :org and source = 'doubt' and revoked_at is null")
    return row


async def rule_now(running: Running, client: dict[str, Any]) -> str | None:
    answer = await send(running, client["id"])
    return None if answer.status_code == 202 else str(answer.json()["verdict"]["rule"])


async def says_no(running: Running, client: dict[str, Any], about: Any, who: str = "ana") -> int:
    agent = await signed_in(running, who)
    form = {"address": str(about.address_id), "entry": str(about.entry_id)}
    return (await agent.post(f"/c/{client['conversation_id']}/not-asked", form)).status_code


async def page_of(running: Running, client: dict[str, Any], who: str = "ana") -> str:
    return (await (await signed_in(running, who)).get(f"/c/{client['conversation_id']}?view=team")).text


async def test_nothing_is_sent_until_an_agent_says_that_they_did_not_ask(running: Running) -> None:
    client = await doubted(running)
    assert ASKED in await page_of(running, client)
    assert await rule_now(running, client) == "opt_out_doubt"
    assert await says_no(running, client, await doubt(running)) == 200
    assert await rule_now(running, client) is None, "an answer goes at once"
    assert ASKED not in await page_of(running, client)
    (event,) = await running.rows("select agent_id, channel from entry where org_id = :org and detail ->> 'event' = 'not_asked'")
    assert (event.agent_id, event.channel) == (running.agents["ana"], "sms"), "it is noted by whom"
    told = [one.action for one in await pending_of(running)]
    assert [told.count(action) for action in ("address.doubted", "conversation.not_asked")] == [1, 1]


async def test_yes_is_the_same_as_any_other_opt_out_and_its_undoing_asks_again(running: Running) -> None:
    client, ana = await doubted(running), await signed_in(running)
    way = f"/c/{client['conversation_id']}"
    assert (await ana.post(f"{way}/no-more", {"address": str((await doubt(running)).address_id)})).status_code == 200
    assert await rule_now(running, client) == "opted_out_address"
    assert ASKED not in await page_of(running, client)
    (event,) = await running.rows("select id from entry where org_id = :org and detail ->> 'event' = 'asked_no_more'")
    assert (await ana.post(f"{way}/undo", {"entry": str(event.id)})).status_code == 200
    assert await rule_now(running, client) == "opt_out_doubt"
    assert ASKED in await page_of(running, client)


@pytest.mark.parametrize(("word", "rule"), [("ALTA", None), (SURE, "opt_out_word")])
async def test_a_plain_word_of_the_clients_own_settles_it(running: Running, word: str, rule: str | None) -> None:
    client = await doubted(running)
    await running.client_writes(PHONE, word)
    assert await rule_now(running, client) == rule
    assert ASKED not in await page_of(running, client)


async def test_a_no_is_about_the_words_that_were_on_the_screen(running: Running) -> None:
    client = await doubted(running)
    seen = await doubt(running)
    await running.client_writes(PHONE, "de verdad, dejen ya de escribirme tanto a toda hora")
    assert await says_no(running, client, seen) == 409
    assert await rule_now(running, client) == "opt_out_doubt"
    newer = await doubt(running)
    assert newer.entry_id != seen.entry_id
    assert [await says_no(running, client, newer), await says_no(running, client, newer)] == [200, 409]
    assert await rule_now(running, client) is None


async def test_only_who_may_write_to_the_client_answers(running: Running) -> None:
    client, other = await doubted(running), await running.new_client(OTHER, "Luz Gil")
    about = await doubt(running)
    assert await says_no(running, client, about, "revisora") == 403
    assert await says_no(running, other, about) == 404, "not an address of this client"
    ana = await signed_in(running)
    form = {"address": str(about.address_id), "entry": NOBODY}
    assert (await ana.post(f"/c/{client['conversation_id']}/not-asked", form)).status_code == 409
    page = await page_of(running, client, "revisora")
    assert (ASKED in page, "doubt-no" in page) == (True, False)
    assert await rule_now(running, client) == "opt_out_doubt"


async def test_only_who_may_read_the_words_says_that_they_were_no_request(running: Running) -> None:
    """Rosa and Luz have one phone, and business with creditors of two teams. That they did ask, anybody may say."""
    await stranger(running, "eva")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    rosa, luz = await running.new_client(PHONE), await running.new_client(PHONE, "Luz Gil", "Almacén Sol")
    await queue(running, rosa["id"])
    await running.client_writes(PHONE, MAY)
    about, page = await doubt(running), await page_of(running, luz, "eva")
    assert (ASKED in page, MAY in page, "/not-asked" in page, "colegas de otra cartera" in page) == (True, False, False, True)
    assert "/not-asked" in await page_of(running, rosa)
    assert [await says_no(running, luz, about, "eva"), await rule_now(running, rosa)] == [409, "opt_out_doubt"]
    eva = await signed_in(running, "eva")
    assert (await eva.post(f"/c/{luz['conversation_id']}/no-more", {"address": str(about.address_id)})).status_code == 200
    assert await rule_now(running, rosa) == "opted_out_address"


async def test_a_no_is_said_by_who_attends_and_a_yes_by_anybody(running: Running) -> None:
    client = await doubted(running)
    ana, luis, way = await signed_in(running), await signed_in(running, "luis"), f"/c/{client['conversation_id']}"
    assert (await luis.post(f"{way}/claim")).status_code == 200
    about, page = await doubt(running), await page_of(running, client)
    assert ("/not-asked" in page, 'aria-describedby="doubt-kept"' in page, "Luis Cárdenas atiende a este cliente." in page) == (
        False,
        True,
        True,
    )
    assert [await says_no(running, client, about), await doubt(running)] == [409, about]
    assert [await says_no(running, client, about, who) for who in ("supervisora", "luis")] == [200, 409], "answered"
    await running.client_writes(PHONE, MAY)
    assert (await ana.post(f"{way}/no-more", {"address": str(about.address_id)})).status_code == 200
    assert [
        row.source for row in await running.rows("select source from opt_out where org_id = :org and revoked_at is null order by 1")
    ] == [
        "agent",
        "doubt",
    ]


async def test_of_two_with_one_phone_a_no_needs_whoever_attends_either(running: Running) -> None:
    rosa, luz = await running.new_client(PHONE), await running.new_client(PHONE, "Luz Gil")
    await queue(running, rosa["id"])
    await running.client_writes(PHONE, MAY)
    about, luis = await doubt(running), await signed_in(running, "luis")
    for attended in (rosa, luz):
        await luis.post(f"/c/{attended['conversation_id']}/claim")
        assert await says_no(running, luz, about) == 409
        await luis.post(f"/c/{attended['conversation_id']}/release")
    assert await says_no(running, luz, about) == 200


async def test_a_wrong_no_is_taken_back_and_the_words_are_asked_about_again(running: Running) -> None:
    client, ana = await doubted(running), await signed_in(running)
    way, about = f"/c/{client['conversation_id']}", await doubt(running)
    form = {"address": str(about.address_id), "entry": str(about.entry_id)}
    toast = (await ana.post(f"{way}/not-asked", form)).text
    (event,) = await running.rows("select id from entry where org_id = :org and detail ->> 'event' = 'not_asked'")
    assert ("Anotado: no lo pidió" in toast, str(event.id) in toast) == (True, True)
    assert [(await ana.post(f"{way}/undo", {"entry": str(event.id)})).status_code, await rule_now(running, client)] == [
        200,
        "opt_out_doubt",
    ]
    assert await doubt(running) == about
    assert await says_no(running, client, about) == 200
    await running.client_writes(PHONE, MAY)
    newer = await doubt(running)
    (event,) = await running.rows("select id from entry where org_id = :org and detail ->> 'event' = 'not_asked' order by id desc limit 1")
    assert (await ana.post(f"{way}/undo", {"entry": str(event.id)})).status_code == 200
    assert await doubt(running) == newer, "the newer words are asked about"


async def test_no_address_of_theirs_is_written_to_and_other_clients_are(running: Running) -> None:
    client = await client_with(running)
    await running.client_writes(PHONE, "Hola", channel="whatsapp")
    await running.client_writes(PHONE, MAY)
    for channel in ("sms", "whatsapp"):
        assert rule_of(await send(running, client["id"], "Con gusto", channel=channel)) == "opt_out_doubt", channel
    other = await running.new_client(OTHER, "Luz Gil")
    assert await rule_now(running, other) is None


async def test_what_is_due_while_it_is_open_stays_and_what_waits_goes_on_waiting(running: Running) -> None:
    client = await running.new_client(PHONE)
    due = await queue(running, client["id"])
    later = await queue(running, client["id"], "Hasta mañana", not_before=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    await running.client_writes(PHONE, MAY)
    assert await withhold_closed(running.product) == 0
    async with another_product(running, accept) as (product, carrier):
        await deliver_due(product)
    assert carrier.calls == []
    assert [await state_of(running, due), await state_of(running, later)] == ["withheld", "queued"]


async def test_a_key_answers_and_every_screen_follows(running: Running, context: BrowserContext) -> None:
    client = await running.new_client(PHONE)
    page = await at_desk(context, running, client)
    bar = page.locator("#doubt")
    await running.client_writes(PHONE, "¿puedo pagar el viernes?")
    await expect(page.locator("#timeline")).to_contain_text("el viernes")
    await expect(bar).to_be_hidden()
    await running.client_writes(PHONE, MAY)
    await expect(bar).to_be_visible()
    await expect(bar).to_contain_text(ASKED)
    await expect(page.locator("#reason-sms")).to_contain_text("di primero si lo pidió")
    await page.focus("#client-name")
    await page.keyboard.press("2")
    await expect(bar).to_be_hidden()
    await expect(page.locator("#undo")).to_contain_text("Anotado: no lo pidió")
    await page.focus("#client-name")
    await page.keyboard.press("z")
    await expect(bar).to_be_visible()
    await page.focus("#client-name")
    await page.keyboard.press("2")
    await expect(bar).to_be_hidden()
    await expect(page.locator("#timeline")).to_contain_text("anotó: el cliente no pidió")
    await expect(page.locator("#channel-sms")).not_to_have_attribute("aria-disabled", "true")
    await equals_a_fresh_render(page)
    await page.click("#channel-sms")
    await says(page, "Claro, le escribo menos")
    await expect(page.locator(".entry", has_text="Claro, le escribo menos")).to_be_visible()
    await running.client_writes(PHONE, "ya no me escriban más tanto que estoy ocupada")
    await expect(bar).to_be_visible()
    await page.focus("#client-name")
    await page.keyboard.press("1")
    await expect(bar).to_be_hidden()
    await expect(page.locator("#undo")).to_contain_text("Anotado: no más mensajes")
    await expect(page.locator("#panel")).to_contain_text("Pidió no recibir")
    await equals_a_fresh_render(page)
