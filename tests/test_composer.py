"""The composer: what is pressed once leaves at most once, and what cannot go stays with its reason: a colleague, the law, a hole, a channel."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from tests.desk import kept_waiting
from tests.doors import NOBODY, Visitor, signed_in, stranger
from tests.files import photo
from tests.running import Running, until
from tests.test_templates import record, recorded
from tests.writing import PHONE, at_desk, drafts, field, rosa, says, types

WORDS = "Con gusto, Rosa."
OTHER_PHONE = "+573009998877"


async def presses(visitor: Visitor, client: dict[str, Any], **fields: str) -> Any:
    """One press of Send, as the page makes it."""
    form = {"text": WORDS, "channel": "sms", "mode": "message", "client_token": str(uuid.uuid4()), "seen_revision": "99"} | fields
    return await visitor.post(f"/c/{client['conversation_id']}/messages", form)


async def sent(running: Running) -> list[Any]:
    return await running.rows(
        "select m.id, m.state, m.hold, m.due_at, e.text, e.channel from message m join entry e on e.org_id = m.org_id and e.id = m.id"
        " where m.org_id = :org and m.direction = 'out' order by m.id"
    )


async def accepted(running: Running) -> dict[str, Any]:
    """The last thing that reached the carrier."""
    async with running.simulator() as simulator:
        after, last = 0, None
        while True:
            page = (await simulator.get(f"/_simulator/accepted?after={after}")).json()
            last = page["accepted"][-1] if page["accepted"] else last
            if page["next"] is None:
                assert last is not None
                return dict(last)
            after = page["next"]


async def test_a_second_press_is_the_same_message_and_other_words_are_another(running: Running) -> None:
    client, ana, token = await rosa(running), await signed_in(running), str(uuid.uuid4())
    for _ in range(2):
        assert (await presses(ana, client, client_token=token)).status_code == 200
    assert len(await sent(running)) == 1
    answer = await presses(ana, client, client_token=token, text="Otra cosa")
    assert answer.status_code == 422
    assert "ya salió" in answer.text
    assert answer.headers["x-spent"] == "1"
    assert "Otra cosa" in (await ana.get(f"/c/{client['conversation_id']}")).text
    assert len(await sent(running)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "whatsapp"},
        {"not_before": "2026-01-05T09:00"},
        {"attachment": NOBODY},
        {"to": "second"},
        {"template_id": NOBODY},
    ],
)
async def test_a_press_is_the_same_only_if_all_of_it_is(running: Running, other: dict[str, str]) -> None:
    addresses = [{"channel": "sms", "value": PHONE}, {"channel": "sms", "value": OTHER_PHONE}, {"channel": "whatsapp", "value": PHONE}]
    client, ana, token = await rosa(running, addresses=addresses), await signed_in(running), str(uuid.uuid4())
    [second] = await running.rows(
        "select id from address where org_id = :org and channel = 'sms' order by created_at desc, id desc limit 1"
    )
    [first] = await running.rows("select id from address where org_id = :org and channel = 'sms' and id <> :id", id=second.id)
    form = {"client_token": token, "to": str(first.id)}
    assert (await presses(ana, client, **form)).status_code == 200
    assert (await presses(ana, client, **form)).status_code == 200
    answer = await presses(ana, client, **form | {name: str(second.id) if value == "second" else value for name, value in other.items()})
    assert (answer.status_code, answer.headers.get("x-spent")) == (422, "1")
    assert len(await sent(running)) == 1


async def test_who_may_write_and_who_may_not(running: Running) -> None:
    client = await rosa(running)
    await stranger(running)
    ana, eva, revisora = [await signed_in(running, who) for who in ("ana", "eva", "revisora")]
    assert (await presses(eva, client)).status_code == 404
    assert (await presses(revisora, client)).status_code == 403
    path = f"/c/{client['conversation_id']}"
    for door in ("templates", "schedule"):
        assert (await ana.get(f"{path}/{door}?channel=sms")).status_code == 200
        assert (await eva.get(f"{path}/{door}?channel=sms")).status_code == 404
    page = (await revisora.get(path)).text
    assert '<form id="composer"' not in page
    assert "Tu rol lee" in page
    assert not await sent(running)


async def test_the_law_says_why_and_keeps_the_words_and_the_moment(running: Running) -> None:
    client, ana = await rosa(running, heard=False), await signed_in(running)
    answer = await presses(ana, client, channel="whatsapp", not_before="2030-01-01T09:00")
    assert answer.status_code == 422
    answer = await presses(ana, client, channel="whatsapp", text="Hola <b>Rosa</b>")
    assert answer.status_code == 409
    assert "x-spent" not in answer.headers
    problem = answer.text.split("#composer-problem")[1].split("</hx-partial>")[0]
    assert "solo se puede enviar una plantilla aprobada" in problem
    assert 'data-picks="templates"' in problem, "the templates are at hand"
    assert "Hola &lt;b&gt;Rosa&lt;/b&gt;" in (await ana.get(f"/c/{client['conversation_id']}")).text
    await running.client_writes(PHONE, "STOP")
    later = (running.product.db.clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT09:00")
    answer = await presses(ana, client, not_before=later)
    assert answer.status_code == 409
    assert "STOP" in answer.text.split("#composer-problem")[1].split("</hx-partial>")[0], answer.text
    assert not await sent(running)
    page = (await ana.get(f"/c/{client['conversation_id']}")).text
    assert re.search(rf'name="not_before" value="{later}', page), "a second press must not send at once what was to go later"
    assert WORDS in page, "the server keeps what was refused"


@pytest.mark.parametrize(
    ("approval", "words"), [("pending", "aún no"), ("rejected", "rechazó"), ("paused", "pausó"), ("disabled", "desactivó")]
)
async def test_a_template_that_is_not_approved_says_so_and_does_not_leave(running: Running, approval: str, words: str) -> None:
    client, ana = await rosa(running), await signed_in(running)
    template = await recorded(running, approval=approval)
    picker = (await ana.get(f"/c/{client['conversation_id']}/templates?channel=whatsapp")).text
    option = picker.split('role="option"')[1]
    assert 'aria-disabled="true"' in option
    assert words in option
    answer = await presses(ana, client, channel="whatsapp", template_id=template["id"])
    assert answer.status_code == 409
    assert not await sent(running)


async def test_nothing_leaves_with_a_hole_in_it(running: Running, context: BrowserContext) -> None:
    client, ana = await rosa(running), await signed_in(running)
    await record(running, kind="canned", name="saludo", body="Gracias, {{first_name}}. Son {{cuotas}} cuotas.", channel=None, category=None)
    page = await at_desk(context, running, client)
    await page.click("#channel-sms")
    await page.focus("#composer-text")
    await page.keyboard.press("/")
    await expect(page.locator("#picker-query")).to_be_focused()
    await page.keyboard.press("Enter")
    await field(page, "Gracias, Rosa. Son {{cuotas}} cuotas.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("cuotas")
    await field(page, "Gracias, Rosa. Son {{cuotas}} cuotas.")
    await expect(page.locator("#composer-text")).to_be_focused()
    assert not await sent(running)
    template = await recorded(running, name="acuerdo", body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?")
    answer = await presses(ana, client, channel="whatsapp", template_id=template["id"])
    assert answer.status_code == 422
    assert not await sent(running)


async def test_keys_that_are_faster_than_the_answers_reach_the_list_and_not_the_message(running: Running, context: BrowserContext) -> None:
    client = await rosa(running)
    for name, body in (("hora", "Atendemos de 8 a 5."), ("abono", "Tu abono llegó.")):
        await record(running, kind="canned", name=name, body=body, channel=None, category=None)
    page = await at_desk(context, running, client)
    await page.focus("#composer-text")
    async with kept_waiting(page, "**/templates?*"):
        await page.keyboard.type("/hora")
        await expect(page.locator("#picker-query")).to_have_value("hora")
        await page.keyboard.press("Enter")
        await field(page, "")
    await field(page, "Atendemos de 8 a 5.")
    await types(page, "")
    await page.keyboard.type("/")
    await expect(page.locator("#picker-list [aria-selected=true]")).to_contain_text("abono")
    async with kept_waiting(page, "**/templates?*"):
        await page.keyboard.type("hora")
        await page.keyboard.press("Enter")
        await field(page, "")
    await field(page, "Atendemos de 8 a 5.")


@pytest.mark.usefixtures("worker")
async def test_a_template_goes_from_the_picker_to_the_carrier(running: Running, context: BrowserContext) -> None:
    client = await rosa(running, heard=False)
    name = f"acuerdo_{uuid.uuid4().hex[:8]}"
    buttons = [{"type": "reply", "id": "si", "title": "Sí, gracias"}]
    answer = await record(running, name=name, body="Hola {{first_name}}, te proponemos {{cuotas}} cuotas. ¿Te sirve?", buttons=buttons)
    assert answer.status_code == 201, answer.text

    async def approved() -> bool:
        [row] = await running.rows("select approval from template where org_id = :org")
        return bool(row.approval == "approved")

    await until(approved)
    page = await at_desk(context, running, client)
    await types(page, "Para después")
    await page.click("#channel-whatsapp")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_contain_text("plantilla aprobada")
    await expect(page.locator("#picker-query")).to_be_focused()
    await page.keyboard.type(name[:10])
    await expect(page.locator("#picker-list [aria-selected=true]")).to_contain_text(name)
    await page.keyboard.press("Enter")
    await expect(page.locator(".template-button")).to_have_text("Sí, gracias")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#composer-problem")).to_have_text("Completa primero: cuotas")
    await expect(page.locator("[name=var_cuotas]")).to_be_focused()
    await page.keyboard.insert_text("tres")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.out", has_text="te proponemos tres cuotas")).to_contain_text(re.compile("Entregado|Leído"))
    await field(page, "Para después")
    [message] = await sent(running)
    [row] = await running.rows("select content_id from template where org_id = :org")
    last = await accepted(running)
    assert row.content_id in json.dumps(last["detail"]), last
    assert (message.channel, last["body"]) == ("whatsapp", "Hola Rosa, te proponemos tres cuotas. ¿Te sirve?")


async def test_a_template_speaks_of_the_account_that_is_chosen(running: Running, context: BrowserContext) -> None:
    """Of two accounts one is chosen in the card; its sums come from there, and what somebody else types for them is refused."""
    debts = [
        {
            "ref": f"D-{last4}-{uuid.uuid4().hex[:6]}",
            "creditor": "Banco Aurora",
            "total_due": total,
            "currency": "COP",
            "product_last4": last4,
        }
        for last4, total in (("1111", "250000"), ("2222", "90000"))
    ]
    client = await rosa(running, debts=debts)
    used = await recorded(running, body="Hola {{first_name}}, tu saldo es de {{total_due}}, y para {{motivo}} te escribimos.")
    page = await at_desk(context, running, client)
    await page.click("#channel-whatsapp")
    await page.click("#open-picker")
    await page.locator("#picker-list [role=option]", has_text="saldo").first.click()
    await page.fill("[name=var_motivo]", "ayudarte")
    await page.select_option("[name=debt_ref]", label="Banco Aurora ··1111")
    await expect(page.locator(".template-words")).to_contain_text("$ 250.000")
    await page.select_option("[name=debt_ref]", label="Banco Aurora ··2222")
    await expect(page.locator(".template-words")).to_contain_text("tu saldo es de $ 90.000, y para ayudarte")
    await expect(page.locator("[name=var_total_due]")).not_to_be_editable()
    await page.keyboard.press("Tab")
    await page.locator("#send").click()
    await expect(page.locator(".entry.out")).to_contain_text("tu saldo es de $ 90.000, y para ayudarte te escribimos.")
    ana = await signed_in(running)
    form = {"channel": "whatsapp", "template_id": used["id"], "debt_ref": debts[0]["ref"], "var_total_due": "$ 1", "var_motivo": "ayudarte"}
    again = await ana.post(
        f"/c/{client['conversation_id']}/messages", form | {"client_token": str(uuid.uuid4()), "seen_revision": "99", "text": ""}
    )
    assert again.status_code == 422
    assert "iene de la cuenta" in again.text
    assert "$ 250.000" in (await ana.get(f"/c/{client['conversation_id']}")).text


@pytest.mark.usefixtures("worker")
async def test_a_file_goes_along_on_whatsapp_and_nowhere_else(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    file = {"name": "Recibo de Rosa.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    await page.click("#channel-sms")
    await page.set_input_files("#file", file)  # type: ignore[arg-type]
    await expect(page.locator("#alert")).to_contain_text("no lleva archivos")
    await expect(page.locator("#files .file")).to_have_count(0)
    await page.click("#channel-whatsapp")
    await page.set_input_files("#file", file)  # type: ignore[arg-type]
    await expect(page.locator("#files .file")).to_contain_text("Recibo de Rosa.jpg")
    await until(lambda: drafts(running))
    await page.reload()
    await expect(page.locator("#files .file")).to_contain_text("Recibo de Rosa.jpg")
    await says(page, "Aquí está")
    await expect(page.locator(".entry.out", has_text="Aquí está").locator("img, .file-chip").first).to_be_visible()
    await expect(page.locator("#files .file")).to_have_count(0)

    await expect(page.locator(".entry.out", has_text="Aquí está")).to_contain_text(re.compile("Entregado|Leído"))
    assert len((await accepted(running))["media"]) == 1


async def test_the_picture_of_a_template_is_shown_before_and_after(running: Running) -> None:
    client, ana = await rosa(running), await signed_in(running)
    url = "https://cdn.trato.example/acuerdos/calendario.png"
    template = await recorded(running, name="calendario", body="Hola {{first_name}}, este es tu calendario.", media_url=url)
    path = f"/c/{client['conversation_id']}"
    chip = f'href="{url}"'
    assert chip in (await ana.get(f"{path}/templates?channel=whatsapp")).text
    assert (await presses(ana, client, channel="whatsapp", text="", template_id=template["id"])).status_code == 200
    page = (await ana.get(path)).text
    assert chip in page
    assert "calendario.png" in page


async def test_nothing_leaves_while_its_file_is_on_its_way(running: Running, context: BrowserContext) -> None:
    page = await at_desk(context, running, await rosa(running))
    async with kept_waiting(page, "**/attachments"):
        await page.set_input_files("#file", {"name": "Recibo.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        await says(page, "Aquí está")
        await expect(page.locator("#composer-problem")).to_contain_text("archivo")
        await field(page, "Aquí está")
        assert not await sent(running)
    await expect(page.locator("#files .file")).to_contain_text("Recibo.jpg")
    await expect(page.locator("#composer-problem")).to_have_text("")
    await page.keyboard.press("Control+Enter")
    await field(page, "")
    rows = await running.rows("select id from attachment where org_id = :org and entry_id is not null")
    assert len(rows) == len(await sent(running)) == 1


async def test_the_chosen_address_is_written_to(running: Running, context: BrowserContext) -> None:
    addresses = [{"channel": "sms", "value": PHONE}, {"channel": "sms", "value": OTHER_PHONE}, {"channel": "whatsapp", "value": PHONE}]
    page = await at_desk(context, running, await rosa(running, addresses=addresses))
    await expect(page.locator("#to-whatsapp")).to_be_visible()
    await page.click("#channel-sms")
    await expect(page.locator("#to-whatsapp")).to_be_hidden()
    await page.select_option("#address-sms", label="+57 ··· ··· 88 77")
    await running.client_writes(PHONE, "¿Hola?")
    await expect(page.locator(".entry.in", has_text="¿Hola?")).to_be_visible()
    await says(page, WORDS)
    await field(page, "")
    [row] = await running.rows(
        "select l.id from message m join address_link l on l.org_id = m.org_id and l.address_id = m.address_id"
        " where m.org_id = :org and m.direction = 'out' and l.id = (select id from address_link where org_id = :org order by created_at, id offset 1 limit 1)"
    )
    assert row is not None
