"""Signs that nobody sees: none turns what a client reads, none hides in a name, and no emoji is torn apart."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from base.errors import InvalidField
from base.signs import is_line, shown, typed
from tests.carrier import post_signed, words_of
from tests.desk import sign_in
from tests.doors import signed_in, some_phone
from tests.running import Running, until

TURNING = ["\u061c", "\u200f", "\u202b", "\u202d", "\u202e", "\u2067"]
HIDING = [
    "\u00ad",
    "\u200b",
    "\u200e",
    "\u202a",
    "\u202c",
    "\u2060",
    "\u2066",
    "\u2068",
    "\u2069",
    "\ufeff",
    "\U000e0041",
    "\u200d",
    "\u200c",
]
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
EMOJI = [
    FAMILY,
    "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # with the colour of a skin
    "\u2764\ufe0f\u200d\U0001f525",
    "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f642\u200d\u2194\ufe0f",
    "\U0001f6b6\u200d\u27a1\ufe0f",
    "\U0001f9d1\u200d\u2695\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # a word of Persian, which is written with one
    "1\ufe0f\u20e3",
]
TOLD = "Contiene un signo invisible que cambia el orden de lectura."


@pytest.mark.parametrize("sign", TURNING, ids=ascii)
def test_what_turns_the_order_of_reading_is_refused_by_the_name_of_its_field(sign: str) -> None:
    with pytest.raises(InvalidField) as caught:
        typed(f"Pague 100{sign} - 20", "text")
    assert caught.value.field == "text"
    assert shown(f"Pague 100{sign} - 20") == "Pague 100 - 20"


@pytest.mark.parametrize("sign", HIDING, ids=ascii)
def test_what_only_hides_is_dropped(sign: str) -> None:
    assert typed(f"{sign}Ma{sign}ría 3{sign} \u200b\U0001f600{sign}{sign}a{sign}", "text") == "María 3 \U0001f600a"


@pytest.mark.parametrize("text", EMOJI, ids=ascii)
def test_what_joins_an_emoji_or_a_word_stays(text: str) -> None:
    assert typed(f"Hola {text}, {text}{text}", "text") == f"Hola {text}, {text}{text}"
    assert is_line(text)


def form(text: str, **more: str) -> dict[str, str]:
    """A press of Send."""
    return {"channel": "sms", "text": text, "client_token": str(uuid.uuid4()), "seen_revision": "99"} | more


async def said(house: Running, client: dict[str, Any]) -> list[str]:
    """The words of a timeline, in their order."""
    return [one["text"] for one in await house.timeline(client["id"]) if one["text"]]


async def test_a_message_leaves_as_it_was_seen(house: Running) -> None:
    ana, client = await signed_in(house), await house.new_client(some_phone())
    path = f"/c/{client['conversation_id']}"
    for door in ("messages", "notes"):
        refused = await ana.post(f"{path}/{door}", form("Pague \u202e0001$ hoy"))
        assert refused.status_code == 422, door
        assert TOLD in html.unescape(refused.text), door
    assert await said(house, client) == []
    assert (await ana.post(f"{path}/messages", form(f"Llame al \u202a300\u200b123\u202c {FAMILY}"))).status_code == 200
    assert (await ana.post(f"{path}/notes", form(f"Nota\u200b {FAMILY}"))).status_code == 200
    assert await said(house, client) == [f"Llame al 300123 {FAMILY}", f"Nota {FAMILY}"]
    async with house.api("ana") as api:
        call = await api.post(f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "a\u202eb"})
    assert (call.status_code, call.json()["errors"][0]["field"]) == (422, "text")


async def test_a_prepared_text_and_what_is_put_into_its_places_are_as_they_were_seen(house: Running) -> None:
    name = f"saldo_{uuid.uuid4().hex[:8]}"
    text = {"kind": "template", "channel": "sms", "name": name, "language": "es"}
    async with house.api("supervisora") as api:
        for body, problem in (("Hola {{x}}\u202e.", "body"), ("Hola {{x}}.\u2067", "body")):
            refused = await api.post("/api/v1/templates", json=text | {"body": body})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, problem)
        made = await api.post("/api/v1/templates", json=text | {"body": f"Ho\u200bla {{{{x}}}} {FAMILY}."})
    assert (made.status_code, made.json()["body"]) == (201, f"Hola {{{{x}}}} {FAMILY}.")
    ana, client = await signed_in(house), await house.new_client(some_phone())
    path = f"/c/{client['conversation_id']}/messages"
    refused = await ana.post(path, form("", template_id=made.json()["id"], var_x="Ro\u202esa"))
    assert refused.status_code == 422
    assert TOLD in html.unescape(refused.text)
    assert (await ana.post(path, form("", template_id=made.json()["id"], var_x=f"Ro\u200bsa {FAMILY}"))).status_code == 200
    assert await said(house, client) == [f"Hola Rosa {FAMILY} {FAMILY}."]


async def test_the_form_of_a_prepared_text_tells_it_and_keeps_an_emoji(house: Running) -> None:
    supervisor, name = await signed_in(house, "supervisora"), f"Saludo {uuid.uuid4().hex[:6]}"
    text = {"kind": "canned", "language": "es", "name": name}
    refused = await supervisor.post("/setup/templates", text | {"body": "Hola \u202eadios"})
    assert refused.status_code == 422
    assert TOLD in html.unescape(refused.text)
    assert (await supervisor.post("/setup/templates", text | {"body": f"Hola\u200b {FAMILY}"})).status_code == 303
    [row] = await house.rows("select body from template where org_id = :org and name = :name", name=name)
    assert row.body == f"Hola {FAMILY}"


def rows(*cells: str) -> str:
    """A file with one client."""
    return "referencia;nombre;tel1;acreedor;cuenta\n" + ";".join(cells) + "\n"


async def name_of(house: Running, ref: str) -> str:
    """The name that a client was recorded by."""
    async with house.api() as api:
        [found] = (await api.post("/api/v1/debtors/search", json={"ref": ref})).json()["items"]
        return str((await api.get(f"/api/v1/debtors/{found['id']}")).json()["name"])


async def test_names_in_files_and_forms_hide_nothing(house: Running) -> None:
    admin, ref = await signed_in(house, "admin"), f"S-{uuid.uuid4().hex[:8]}"
    for column, cells in enumerate(
        ((ref, "Ro\u202esa", some_phone()), (f"{ref}\u2067", "Rosa", some_phone()), (ref, "Rosa", some_phone()))
    ):
        told = await admin.post("/setup/clients/file", {"text": rows(*cells, "Banco Aurora", f"C-{ref}")})
        assert (TOLD in html.unescape(told.text)) is (column < 2), column
        assert ("Importar" in told.text) is (column == 2), column
    account = await admin.post("/setup/clients/file", {"text": rows(ref, "Rosa", some_phone(), "Banco Aurora", f"C-\u202e{ref}")})
    assert html.unescape(account.text).count(TOLD) == 1
    clean = {"text": rows(ref, f"Ma\u200bría {FAMILY}", f"\u202a{some_phone()}\u202c", "Banco Aurora", f"C-{ref}"), "confirmed": "1"}
    assert "1 cliente nuevo" in (await admin.post("/setup/clients/file", clean)).text
    assert await name_of(house, ref) == f"María {FAMILY}"
    card = {"reference": ref, "name": "Ro\u202esa", "tel1": some_phone(), "creditor": "Banco Aurora", "country": "CO"}
    refused = await admin.post("/setup/clients", card)
    assert refused.status_code == 422
    assert re.search(rf'id="problem-name"[^>]*>.*{re.escape(TOLD)}', html.unescape(refused.text), re.DOTALL)
    async with house.api() as api:
        for name in ("Ro\u202esa", "Ro\x00sa"):
            call = await api.post("/api/v1/debtors", json={"ref": ref, "name": name})
            assert (call.status_code, call.json()["errors"][0]["field"]) == (422, "name")
        assert (await api.post("/api/v1/debtors", json={"ref": ref, "name": f"Pa\u200bz {FAMILY}"})).status_code == 200
    assert await name_of(house, ref) == f"Paz {FAMILY}"


async def test_who_is_named_beside_an_account_hides_nothing(house: Running) -> None:
    ana, client = await signed_in(house), await house.new_client(some_phone())
    [debt] = await house.rows("select id from debt where org_id = :org and debtor_id = :id", id=uuid.UUID(client["id"]))
    party = {"debt": str(debt.id), "role": "guarantor", "name": "Lu\u202eis"}
    refused = await ana.post(f"/c/{client['conversation_id']}/parties", party)
    assert refused.status_code == 422
    assert TOLD in html.unescape(refused.text)


async def test_what_a_sender_calls_themselves_turns_nothing(house: Running) -> None:
    phone = f"whatsapp:{some_phone()}"
    ours = f"whatsapp:{house.settings.twilio_whatsapp_sender}"
    assert (await post_signed(house, words_of(house, phone, "Hola", To=ours, ProfileName="ocnaB\u202e Au\u200brora"))).status_code == 200

    async def seen() -> bool:
        page = (await (await signed_in(house)).get("/?view=triage")).text
        assert "\u202e" not in page
        return "ocnaB Aurora" in page

    await until(seen)


async def test_what_a_client_writes_turns_only_itself(running: Running, context: BrowserContext) -> None:
    phone = some_phone()
    client = await running.new_client(phone)
    await running.client_writes(phone, "\u202e\u0645\u0631\u062d\u0628\u0627 abc")
    page = await sign_in(context, running, path=f"/c/{client['conversation_id']}?view=team")
    words = page.locator("#timeline > .entry.in .text")
    await expect(words).to_have_css("direction", "rtl")
    await expect(page.locator(f"#q-{client['conversation_id']} .row-preview [dir]")).to_have_css("unicode-bidi", "isolate")
    await expect(page.locator("#timeline > .entry.in .meta")).to_have_css("direction", "ltr")


def filled(shape: Any, put: str) -> list[tuple[str, Any]]:
    """A body of the API for each text that it may hold: everywhere else what is right, there `put`."""
    found: list[tuple[str, Any]] = []

    def at(value: Any, path: str, around: Any) -> None:
        if isinstance(value, str):
            found.append((path, around(put)))
        for name, part in value.items() if isinstance(value, dict) else ():
            at(part, f"{path}.{name}" if path else name, lambda new, name=name: around({**value, name: new}))
        for number, part in enumerate(value) if isinstance(value, list) else ():
            at(part, f"{path}[{number}]", lambda new, number=number: around([*value[:number], new, *value[number + 1 :]]))

    at(shape, "", lambda new: new)
    return found


async def test_no_text_of_the_api_turns_or_is_made_of_what_nobody_sees(house: Running) -> None:
    ref = f"S-{uuid.uuid4().hex[:8]}"
    debt = {"ref": f"C-{ref}", "creditor": "Banco Aurora", "payment_reference": "77", "legal_state": "judicial"}
    address = {"channel": "sms", "value": some_phone(), "consent": {"source": "contrato", "clause": "3"}}
    client = {"ref": ref, "name": "Rosa", "national_id": "99", "city": "Cali", "region": "Valle", "addresses": [address], "debts": [debt]}
    creditor = {"name": f"Banco {ref}", "tax_id": "9", "payment_destinations": [{"bank": "Aurora"}]}
    button = {"id": "a", "title": "Sí", "type": "reply"}
    text = {"kind": "session", "name": ref, "language": "es", "channel": "whatsapp", "body": "Hola", "buttons": [button]}
    async with house.api() as api:
        for door, body in (("debtors", client), ("creditors", creditor), ("templates", text)):
            for put in ("a\u202eb", "\u3164\u115f", "\U000e0041"):
                for field, wrong in filled(body, put):
                    answer = await api.post(f"/api/v1/{door}", json=wrong)
                    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), (field, ascii(put))
        made = await api.post("/api/v1/debtors", json=client | {"city": "Ca\u3164li", "debts": [debt | {"payment_reference": "7\u200b7"}]})
        assert (made.status_code, made.json()["city"]) == (201, "Cali"), made.text
    assert [
        row.payment_reference
        for row in await house.rows("select payment_reference from debt where org_id = :org and ref = :ref", ref=f"C-{ref}")
    ] == ["77"]
