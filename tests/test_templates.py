"""Templates: offered where they fit, filled with what the reader may see, reviewed by the carrier, and nothing leaves with a hole in it."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from channels.contract import Accepted, CarrierError, Channel, Outbound, Refused, Unconfirmed
from channels.templates import Registered, Registration
from inbox.delivery import deliver_due
from inbox.filling import pieces_of, places_of
from inbox.registering import register_due, sync_registered
from tests.carrier import accept, another_product, pending_of, post_signed, send, words_of
from tests.doors import open_portfolio, signed_in, stranger
from tests.running import Running, until

PHONE = "+573001234567"
BODY = "Hola {{first_name}}, tu saldo con {{creditor}} es de {{total_due}} y vence el {{due_on}}. Te ayudamos."


async def record(running: Running, who: str = "supervisora", **more: Any) -> httpx.Response:
    card = {"kind": "template", "name": "saldo", "language": "es", "body": BODY, "channel": "whatsapp", "category": "UTILITY"} | more
    async with running.api(who) as api:
        return await api.post("/api/v1/templates", json={name: value for name, value in card.items() if value is not None})


async def recorded(running: Running, approval: str = "approved", **more: Any) -> dict[str, Any]:
    """A template on which the carrier has spoken."""
    answer = await record(running, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    async with running.product.work() as tx:
        await tx.run(
            "update template set approval = :approval, content_id = 'HX' || replace(id::text, '-', '') where org_id = :org and id = cast(:id as uuid)",
            approval=approval,
            id=uuid.UUID(found["id"]),
        )
    return found


async def client_with(running: Running, **more: Any) -> dict[str, Any]:
    """Rosa, on WhatsApp and SMS, with one debt."""
    debt = {
        "ref": f"D-{uuid.uuid4().hex[:8]}",
        "creditor": "Banco Aurora",
        "total_due": "250000",
        "currency": "COP",
        "due_on": "2026-12-15",
    }
    debt |= {"product_last4": "4471", "payment_reference": "0042", "days_past_due": 1200, "minimum_due": "25000.5"}
    addresses = [{"channel": "whatsapp", "value": PHONE}, {"channel": "sms", "value": PHONE}]
    return await running.new_client(PHONE, **({"addresses": addresses, "debts": [debt], "language": "es"} | more))


async def offers(running: Running, client: dict[str, Any], who: str = "ana", **asked: str) -> list[dict[str, Any]]:
    async with running.api(who) as api:
        answer = await api.get(f"/api/v1/debtors/{client['id']}/templates", params={"channel": "whatsapp"} | asked)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def writes(running: Running, text: str = "Hola") -> None:
    """The client writes by WhatsApp."""
    ours = f"whatsapp:{running.settings.twilio_whatsapp_sender}"
    assert (await post_signed(running, words_of(running, f"whatsapp:{PHONE}", text, To=ours))).status_code == 200


async def by_whatsapp(running: Running, client: dict[str, Any], text: str = "", **more: Any) -> httpx.Response:
    return await send(running, client["id"], text, channel="whatsapp", **more)


def rule_of(answer: httpx.Response) -> str | None:
    return (answer.json().get("verdict") or {}).get("rule")


def test_places_are_found_in_their_order_and_each_once() -> None:
    assert places_of("{{b}} y {{ a }} y {{b}} y {{1}} y { {c} } y {{}}") == ["b", "a"]
    told = [(piece.kind, piece.text) for piece in pieces_of("Hola {{b}}{{a}}!", {"b": "Rosa", "a": ""})]
    assert told == [("text", "Hola "), ("value", "Rosa"), ("missing", "a"), ("text", "!")]


async def test_every_place_is_filled_in_the_clients_language_and_the_moneys_home(running: Running) -> None:
    client = await client_with(running)
    places = ("client_name", "first_name", "creditor", "total_due", "minimum_due", "due_on", "days_past_due", "payment_reference")
    body = "Hola " + " | ".join("{{" + place + "}}" for place in (*places, "product_last4", "agent_name", "organisation")) + " fin"
    for language in ("es", "pt"):
        await recorded(running, name="todo", body=body, language=language)
    by_language = {one["language"]: one["text"] for one in await offers(running, client)}
    assert by_language["es"].startswith(
        "Hola Rosa Márquez | Rosa | Banco Aurora | $ 250.000 | $ 25.000,50 | 15 de diciembre de 2026 | 1,200 | 0042 | 4471 | Ana"
    )
    assert "15 de dezembro de 2026 | 1.200" in by_language["pt"]


async def test_offers_fit_channel_language_creditor_and_search(running: Running) -> None:
    client = await client_with(running)
    await open_portfolio(running, "Tienda Sol", "Equipo Andes")
    await recorded(running)
    await recorded(running, language="pt", body="Olá {{first_name}}, tudo bem?")
    await recorded(running, name="por_sms", channel="sms", category=None)
    await recorded(running, name="de_otro", creditor="Tienda Sol")
    await recorded(running, kind="canned", name="Recepción de pago", channel=None, category=None, body="¡Recibimos tu pago!")
    await recorded(running, name="pendiente", approval="pending")
    found = await offers(running, client)
    assert [(one["name"], one["language"]) for one in found] == [
        ("Recepción de pago", "es"),
        ("pendiente", "es"),
        ("saldo", "es"),
        ("saldo", "pt"),
    ]
    assert [one["name"] for one in await offers(running, client, q="RECEPCION pago")] == ["Recepción de pago"]
    assert [one["name"] for one in await offers(running, client, channel="sms")] == ["Recepción de pago", "por_sms"]
    assert await offers(running, client, q="nada de esto") == []


async def test_a_new_version_is_offered_once_it_is_approved(running: Running) -> None:
    client = await client_with(running)
    first = await recorded(running)
    second = (await record(running, body="Hola {{first_name}}, versión dos.")).json()
    assert (first["version"], second["version"], second["approval"]) == (1, 2, "unsubmitted")
    assert [one["id"] for one in await offers(running, client)] == [first["id"]]
    async with running.product.work() as tx:
        await tx.run("update template set approval = 'approved' where org_id = :org")
    assert [one["id"] for one in await offers(running, client)] == [second["id"]]
    async with running.api("supervisora") as api:
        assert (await api.delete(f"/api/v1/templates/{second['id']}")).status_code == 200
    assert [one["id"] for one in await offers(running, client)] == [first["id"]]


async def test_versions_recorded_at_once_get_numbers_of_their_own(running: Running) -> None:
    answers = await asyncio.gather(*(record(running, body=f"Hola {number}, gracias.") for number in range(6)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_values_of_portfolios_that_the_reader_does_not_see_are_nowhere(running: Running) -> None:
    await stranger(running)
    await open_portfolio(running, "Tienda Sol", "Equipo Pacífico")
    debts = [
        {"ref": "D-1", "creditor": "Banco Aurora", "total_due": "250000", "currency": "COP", "due_on": "2026-12-15"},
        {"ref": "D-2", "creditor": "Tienda Sol", "total_due": "987654", "currency": "COP", "due_on": "2027-01-01"},
    ]
    client = await client_with(running, debts=debts)
    await recorded(running)
    await recorded(running, name="de_sol", who="admin", creditor="Tienda Sol")
    (ana,) = await offers(running, client)
    assert "$ 250.000" in ana["text"]
    assert "987" not in str(await offers(running, client, debt_ref="D-2"))
    assert (await offers(running, client, debt_ref="D-2"))[0]["missing"] == ["creditor", "total_due", "due_on"]
    eva = {one["name"]: one["text"] for one in await offers(running, client, "eva")}
    assert set(eva) == {"saldo", "de_sol"}
    assert all("987.654" in text and "250.000" not in text for text in eva.values())
    (both,) = [one for one in await offers(running, client, "admin") if one["name"] == "saldo"]
    assert both["missing"] == ["creditor", "total_due", "due_on"], "two debts, and nobody said which"
    assert (await offers(running, client, "admin", debt_ref="D-1"))[-1]["missing"] == []
    assert (await by_whatsapp(running, client, template="de_sol")).json()["errors"][0]["field"] == "template"


async def test_the_values_are_those_of_the_client_whatever_a_form_names(running: Running) -> None:
    """The page of one client, with the account, the sums and the page's own fields of another one: nothing of the other is told or sent."""
    other_phone = "+573009990001"
    other = await running.new_client(
        other_phone,
        "Zoraida Quintero",
        debts=[{"ref": "Z-9", "creditor": "Banco Aurora", "total_due": "987654", "currency": "COP", "due_on": "2027-03-09"}],
    )
    client, template = await client_with(running), await recorded(running, channel="sms", category=None)
    ana, path = await signed_in(running), f"/c/{client['conversation_id']}"
    named = {"debt_ref": "Z-9", "debtor": other["id"], "debtor_id": other["id"], "conversation_id": other["conversation_id"]}
    sums = {"var_total_due": "$ 987.654", "var_due_on": "9 de marzo de 2027", "var_first_name": "Zoraida"}
    secrets = ("987.654", "Zoraida", "marzo de 2027")
    for asked in (named, {"debt_ref": "Z-9"}):
        for door in (f"{path}/templates/{template['id']}", f"{path}/templates"):
            card = await ana.get(f"{door}?{urlencode(asked | {'channel': 'sms'})}")
            assert card.status_code == 200
            assert not [secret for secret in secrets if secret in card.text], door
    card = await ana.get(f"{path}/templates/{template['id']}?{urlencode(named | sums)}")
    assert not [secret for secret in secrets if secret in card.text], "what an account says is not taken from an address"
    for more, status in (
        (named, 422),
        (sums, 422),
        (named | sums, 422),
        ({name: named[name] for name in named if name != "debt_ref"}, 200),
    ):
        form = {"channel": "sms", "template_id": template["id"], "client_token": str(uuid.uuid4()), "seen_revision": "99"} | more
        assert (await ana.post(f"{path}/messages", form)).status_code == status, more
    bare = await recorded(running, channel="sms", category=None, name="bare", body="Hola {{first_name}}.")
    form = {"channel": "sms", "template_id": bare["id"], "client_token": str(uuid.uuid4()), "seen_revision": "99", "debt_ref": "Z-9"}
    assert (await ana.post(f"{path}/messages", form)).status_code == 422, "not even for its portfolio"
    (sent,) = await running.rows("select e.text, m.debtor_id from entry e join message m on m.id = e.id where e.org_id = :org")
    assert str(sent.debtor_id) == client["id"]
    assert sent.text == "Hola Rosa, tu saldo con Banco Aurora es de $ 250.000 y vence el 15 de diciembre de 2026. Te ayudamos."


async def test_a_template_opens_whatsapp_and_reaches_the_carrier_with_numbers(running: Running) -> None:
    client = await client_with(running)
    template = await recorded(running, buttons=[{"type": "reply", "id": "si", "title": "Sí, gracias"}])
    assert rule_of(await by_whatsapp(running, client, "Hola")) == "wa_window"
    answer = await by_whatsapp(running, client, template="saldo")
    assert answer.status_code == 202, answer.text
    carried: list[Outbound] = []

    async def take(outbound: Outbound) -> Accepted:
        carried.append(outbound)
        return await accept(outbound)

    async with another_product(running, take) as (product, stand_in):
        product.adapters = {Channel.WHATSAPP: stand_in}  # type: ignore[dict-item]
        assert await deliver_due(product) == 1
    (outbound,) = carried
    text = "Hola Rosa, tu saldo con Banco Aurora es de $ 250.000 y vence el 15 de diciembre de 2026. Te ayudamos."
    assert outbound.text == text
    assert outbound.template is not None
    assert dict(outbound.template.values) == {"1": "Rosa", "2": "Banco Aurora", "3": "$ 250.000", "4": "15 de diciembre de 2026"}
    (entry,) = await running.rows("select id, text, detail from entry where org_id = :org and kind = 'message'")
    assert entry.text == text
    used = entry.detail["template"]
    assert (used["id"], used["name"], used["language"], used["category"], used["version"]) == (template["id"], "saldo", "es", "UTILITY", 1)
    assert used["variables"]["first_name"] == "Rosa"
    assert entry.detail["buttons"][0]["title"] == "Sí, gracias"
    await recorded(running, body="Hola {{first_name}}, le escribimos de nuevo.")
    more = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}/entries/{entry.id}/more")).text
    assert "versión 1" in more
    assert BODY in more, "as it stood when it was sent"
    assert re.search(r"<code>first_name</code></dt><dd>Rosa</dd>", more)


async def test_the_window_opens_with_the_clients_word_and_ends_a_day_later(running: Running) -> None:
    client = await client_with(running)
    await writes(running)
    assert (await by_whatsapp(running, client, "¡Hola, Rosa!")).status_code == 202
    late = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    assert rule_of(await by_whatsapp(running, client, "Mañana", not_before=late)) == "wa_window", "by then it will have ended"
    async with running.product.work() as tx:
        await tx.run("update contact_act set at = at - interval '24 hours' where org_id = :org and direction = 'in'")
    assert rule_of(await by_whatsapp(running, client, "Hola")) == "wa_window"
    await recorded(running)
    assert (await by_whatsapp(running, client, template="saldo")).status_code == 202
    assert (await send(running, client["id"], "por SMS no hay ventana")).status_code == 202
    said = [entry["text"] for entry in await running.timeline(client["id"], "ana") if entry["kind"] == "event"]
    assert len(said) == 1, said
    assert "24" in said[0]


async def test_a_message_whose_window_ended_while_it_waited_is_withheld(running: Running) -> None:
    client = await client_with(running)
    await writes(running)
    assert (await by_whatsapp(running, client, "¡Hola!")).status_code == 202
    async with running.product.work() as tx:
        await tx.run("update contact_act set at = at - interval '24 hours' where org_id = :org and direction = 'in'")
    async with another_product(running, accept) as (product, carrier):
        product.adapters = {Channel.WHATSAPP: carrier}  # type: ignore[dict-item]
        await deliver_due(product)
        assert carrier.calls == []
    (row,) = await running.rows("select state, error_code from message where org_id = :org and direction = 'out'")
    assert (row.state, row.error_code) == ("withheld", "wa_window")


@pytest.mark.parametrize("whatsapp", [None, False, True])
async def test_whatsapp_is_off_for_third_parties_until_somebody_opens_it(running: Running, whatsapp: bool | None) -> None:
    client = await client_with(running)
    await recorded(running)
    async with running.product.work() as tx:
        await tx.run(
            "update creditor set first_party = false, whatsapp = cast(:whatsapp as boolean) where org_id = :org", whatsapp=whatsapp
        )
    answer = await by_whatsapp(running, client, template="saldo")
    assert rule_of(answer) == (None if whatsapp else "wa_third_party")
    assert (await send(running, client["id"], "por SMS")).status_code == 202


@pytest.mark.parametrize("approval", ["unsubmitted", "received", "pending", "rejected", "paused", "disabled"])
async def test_only_an_approved_template_leaves(running: Running, approval: str) -> None:
    client = await client_with(running)
    await recorded(running, approval)
    assert rule_of(await by_whatsapp(running, client, template="saldo")) == "template_not_approved"


async def test_a_template_that_was_paused_or_retired_meanwhile_is_withheld(running: Running) -> None:
    client = await client_with(running)
    template = await recorded(running)
    assert (await by_whatsapp(running, client, template="saldo")).status_code == 202
    async with running.api("admin") as api:
        assert (await api.delete(f"/api/v1/templates/{template['id']}")).status_code == 200
    async with another_product(running, accept) as (product, carrier):
        product.adapters = {Channel.WHATSAPP: carrier}  # type: ignore[dict-item]
        await deliver_due(product)
        assert carrier.calls == []
    (row,) = await running.rows("select state, error_code from message where org_id = :org")
    assert (row.state, row.error_code) == ("withheld", "template_not_approved")


async def test_a_hole_blocks_the_send_and_names_the_place(running: Running) -> None:
    client = await client_with(running, debts=[{"ref": "D-1", "creditor": "Banco Aurora"}])
    await recorded(running, body="Hola {{first_name}}: {{total_due}} hasta el {{fecha}}, gracias.")
    for variables, field in (
        ({}, "variables.total_due"),
        ({"total_due": "$ 10"}, "variables.fecha"),
        ({"total_due": "$ 10", "fecha": " \n "}, "variables.fecha"),
        ({"total_due": "$ 10", "fecha": "x" * 301}, "variables.fecha"),
        ({"total_due": "$ 10", "fecha": "hoy", "otro": "x"}, "variables.otro"),
    ):
        answer = await by_whatsapp(running, client, template="saldo", variables=variables)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == field
    sent = await by_whatsapp(running, client, template="saldo", variables={"total_due": "$ 10", "fecha": "el\n viernes"})
    assert sent.status_code == 202
    assert [entry["text"] for entry in await running.timeline(client["id"])] == ["Hola Rosa: $ 10 hasta el el viernes, gracias."]


async def test_a_canned_reply_is_free_text(running: Running) -> None:
    client = await client_with(running)
    await recorded(running, kind="canned", name="Gracias", channel=None, category=None, body="Gracias, {{first_name}}.")
    assert rule_of(await by_whatsapp(running, client, template="Gracias")) == "wa_window"
    assert (await send(running, client["id"], "", template="Gracias")).status_code == 202
    assert next(entry["text"] for entry in await running.timeline(client["id"]) if entry["kind"] == "message") == "Gracias, Rosa."


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "Con Espacios"}, "name"),
    ({"category": None}, "category"),
    ({"channel": "email"}, "channel"),
    ({"channel": None}, "channel"),
    ({"body": "{{first_name}}, hola."}, "body"),
    ({"body": "Hola {{first_name}}."}, "body"),
    ({"body": "Hola {{first_name}} {{creditor}} ahí"}, "body"),
    ({"body": " "}, "body"),
    ({"media_url": "http://otro.example/a.png"}, "media_url"),
    ({"buttons": [{"type": "reply", "id": "a", "title": "x" * 21}]}, "buttons[0].title"),
    ({"buttons": [{"type": "reply", "id": "a", "title": "x"}] * 2}, "buttons[1].title"),
    ({"buttons": [{"type": "reply", "id": "a", "title": "x", "description": "y"}]}, "buttons[0].description"),
    ({"menu": "Ver"}, "menu"),
    ({"buttons": [{"type": "list", "id": "a", "title": "x"}]}, "buttons"),
    ({"buttons": [{"type": "reply", "id": "a", "title": "x"}], "media_url": "https://a.example/a.png"}, "buttons"),
    ({"creditor": "Nadie"}, "creditor"),
    *(
        ({**kind, **more}, field)
        for kind in ({"kind": "canned", "channel": None, "category": None}, {"channel": "sms", "category": None})
        for more, field in (
            ({"buttons": [{"type": "reply", "id": "a", "title": "x"}]}, "buttons"),
            ({"media_url": "javascript:alert(1)"}, "media_url"),
        )
    ),
]


async def test_who_writes_templates_and_what_no_carrier_takes(running: Running) -> None:
    for who in ("ana", "revisora"):
        assert (await record(running, who)).status_code == 403
    for wrong, field in WRONG:
        answer = await record(running, **wrong)
        assert answer.status_code == 422, (wrong, answer.text)
        assert answer.json()["errors"][0]["field"] == field, wrong
    template = (await record(running, body="Tu deuda vence, {{first_name}} querida.")).json()
    assert template["warnings"] == ["deuda"]
    async with running.api("ana") as api:
        assert (await api.delete(f"/api/v1/templates/{template['id']}")).status_code == 403
        assert (await api.delete(f"/api/v1/templates/{uuid.uuid4()}")).status_code == 404
        assert [one["id"] for one in (await api.get("/api/v1/templates")).json()["items"]] == [template["id"]]


class Book:
    """A carrier's book of templates that does what the test says."""

    name, account = "twilio", "AC"

    def __init__(self) -> None:
        self.asked: list[Registration] = []
        self.rows: list[Registered] = []
        self.fails: Exception | None = None

    async def register(self, registration: Registration) -> str:
        self.asked.append(registration)
        if self.fails is not None:
            raise self.fails
        return f"HX{len(self.asked)}"

    async def registered(self) -> Any:
        for row in self.rows:
            yield row

    async def close(self) -> None:
        """Nothing to let go of."""


async def approval_of(running: Running) -> tuple[Any, ...]:
    (row,) = await running.rows("select approval, approval_reason, content_id from template where org_id = :org")
    return tuple(row)


async def test_a_template_is_registered_once_and_follows_its_review(running: Running) -> None:
    await record(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        assert sum(await asyncio.gather(*(register_due(product) for _ in range(3)))) == 1
        (asked,) = book.asked
        assert asked.body == "Hola {{1}}, tu saldo con {{2}} es de {{3}} y vence el {{4}}. Te ayudamos."
        assert (asked.name, asked.language, asked.category, set(asked.samples)) == ("saldo_v1", "es", "UTILITY", {"1", "2", "3", "4"})
        assert await approval_of(running) == ("received", None, "HX1")
        for approval, reason in (("pending", None), ("rejected", "ABUSIVE_CONTENT"), ("approved", None)):
            book.rows = [Registered("HX1", "saldo_v1", "es", asked.body, (), approval, "UTILITY", reason)]
            assert await sync_registered(product) == 1
            assert await sync_registered(product) == 0
            assert await approval_of(running) == (approval, reason, "HX1")
        assert await register_due(product) == 0
    told = [row.detail for row in await pending_of(running) if row.action == "template.approval"]
    assert len(told) == 4


async def test_a_registration_whose_answer_was_lost_is_looked_for_before_it_is_made_again(running: Running) -> None:
    await record(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        book.fails = Unconfirmed("time-out")
        assert await register_due(product) == 0
        await sync_registered(product)
        assert await register_due(product) == 0, "the list may be late"
        async with running.product.work() as tx:
            await tx.run("update template set approval_at = approval_at - interval '5 minutes' where org_id = :org")
        book.rows = [Registered("HX9", "saldo_v1", "es", book.asked[0].body, (), "pending")]
        assert await sync_registered(product) == 1
        assert await approval_of(running) == ("pending", None, "HX9")
        assert len(book.asked) == 1


async def test_other_words_under_our_name_are_neither_adopted_nor_kept_as_approved(running: Running) -> None:
    """What the carrier would send is what its reviewers read, whatever we show: then it must not be sent at all."""
    await record(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        book.fails = Unconfirmed("time-out")
        await register_due(product)
        book.rows = [Registered("HX9", "saldo_v1", "es", "Paga ya, {{1}}.", (), "approved")]
        assert (await sync_registered(product), await sync_registered(product)) == (1, 0)
        state, reason, content = await approval_of(running)
        assert (state, content) == ("rejected", None)
        assert "other words" in reason
        page = (await (await signed_in(running, "supervisora")).get("/setup/templates")).text
        assert "El operador tiene otras palabras con este nombre" in page
        await record(running)
        book.fails = None
        assert await register_due(product) == 1
        kept = Registered("HX2", "saldo_v2", "es", book.asked[-1].body, (), "approved")
        book.rows = [kept]
        await sync_registered(product)
        book.rows = [replace(kept, body="Paga ya, {{1}}.")]
        assert await sync_registered(product) == 1
    (row,) = await running.rows("select approval, content_id from template where org_id = :org and version = 2")
    assert row.approval == "rejected"


async def test_two_creditors_may_have_a_text_of_one_name(running: Running) -> None:
    """Each client is offered their own creditor's, by name as well, and taking one out of use leaves the other."""
    await open_portfolio(running, "Tienda Sol", "Equipo Andes")
    async with running.product.work() as tx:
        await tx.run("update creditor set first_party = true where org_id = :org")
    ours, theirs = [
        await recorded(running, body=f"Hola {{{{first_name}}}}, de {name}.", creditor=name) for name in ("Banco Aurora", "Tienda Sol")
    ]
    rosa = await client_with(running)
    debts = [{"ref": "D-2", "creditor": "Tienda Sol", "total_due": "1", "currency": "COP"}]
    luis = await running.new_client("+573007654321", debts=debts, addresses=[{"channel": "whatsapp", "value": "+573007654321"}])
    owes = [
        {"ref": f"D-{number}", "creditor": name, "total_due": "1", "currency": "COP"}
        for number, name in ((3, "Tienda Sol"), (4, "Banco Aurora"))
    ]
    both = await client_with(running, debts=owes, addresses=[])
    assert [one["id"] for one in await offers(running, rosa)] == [ours["id"]]
    assert [one["id"] for one in await offers(running, luis)] == [theirs["id"]]
    assert {one["id"] for one in await offers(running, both)} == {ours["id"], theirs["id"]}
    for client, words in ((rosa, "Hola Rosa, de Banco Aurora."), (luis, "Hola Rosa, de Tienda Sol.")):
        assert (await by_whatsapp(running, client, template="saldo")).status_code == 202
        assert (await running.timeline(client["id"]))[-1]["text"] == words
    boss = await signed_in(running, "supervisora")
    assert (await boss.post(f"/setup/templates/{ours['id']}/retire")).status_code == 303
    assert await offers(running, rosa) == []
    assert [one["id"] for one in await offers(running, luis)] == [theirs["id"]]


async def test_a_registration_that_never_arrived_is_made_again_and_a_refused_one_is_not(running: Running) -> None:
    await record(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        book.fails = Unconfirmed("time-out")
        await register_due(product)
        async with running.product.work() as tx:
            await tx.run("update template set approval_at = approval_at - interval '5 minutes' where org_id = :org")
        book.rows = [Registered("HX8", "saldo_v1", "es", "…", (), "unsubmitted")]
        await sync_registered(product)
        book.fails = Refused(CarrierError("422", "The name is taken."))
        await register_due(product)
        assert await approval_of(running) == ("rejected", "The name is taken.", None)
        await sync_registered(product)
        await register_due(product)
        assert len(book.asked) == 2


@pytest.mark.usefixtures("worker")
async def test_the_carrier_reviews_it_and_a_client_reads_it(running: Running) -> None:
    client = await client_with(running)
    await record(running, name=f"saldo_{uuid.uuid4().hex[:8]}")

    async def approved() -> bool:
        return (await approval_of(running))[0] == "approved"

    await until(approved, 30)
    (row,) = await running.rows("select name from template where org_id = :org")
    answer = await by_whatsapp(running, client, template=row.name)
    assert answer.status_code == 202, answer.text

    async def delivered() -> bool:
        (message,) = await running.rows("select state from message where org_id = :org and direction = 'out'")
        return message.state in ("delivered", "read")

    await until(delivered)
