"""Lists and buttons that need no approval: what they may hold, who writes them, made at the carrier and reviewed by nobody, and the window alone
lets them through."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.contract import Accepted, CarrierError, Channel, Outbound, Refused, Unconfirmed
from channels.templates import ListLine, Registered
from inbox.choices import LIMITS, problems
from inbox.delivery import deliver_due
from inbox.registering import register_due, sync_registered
from staff.models import Role
from tests.carrier import accept, another_product, pending_of, post_signed, words_of
from tests.doors import signed_in, stranger
from tests.running import Running, until
from tests.test_templates import PHONE, Book, by_whatsapp, client_with, offers, record, rule_of, writes

DAYS = [
    {"type": "list", "id": "fri", "title": "El viernes", "description": "Antes de mediodía"},
    {"type": "list", "id": "mon", "title": "El lunes"},
]
BODY = "Gracias, {{first_name}}. ¿Qué día le queda bien?"
LISTED = {"kind": "session", "name": "Qué día", "body": BODY, "category": None, "buttons": DAYS, "menu": "Ver días"}
PRESSED = LISTED | {"name": "Sí o no", "buttons": [{"type": "reply", "id": "yes", "title": "Sí"}], "menu": None}


async def session(running: Running, who: str = "supervisora", **more: Any) -> httpx.Response:
    """Record a list, or what `more` makes of it."""
    return await record(running, who, **(LISTED | more))


async def ready(running: Running, **more: Any) -> dict[str, Any]:
    """A list that the carrier has."""
    answer = await session(running, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    async with running.product.work() as tx:
        await tx.run(
            "update template set approval = 'unneeded', content_id = 'HX' || replace(id::text, '-', '') where org_id = :org and kind = 'session'"
        )
    return found


async def a_day_passes(running: Running) -> None:
    async with running.product.work() as tx:
        await tx.run("update contact_act set at = at - interval '24 hours' where org_id = :org and direction = 'in'")


async def delivered(running: Running) -> list[Outbound]:
    """What the carrier is given of all that is due."""
    carried: list[Outbound] = []

    async def take(outbound: Outbound) -> Accepted:
        carried.append(outbound)
        return await accept(outbound)

    async with another_product(running, take) as (product, stand_in):
        product.adapters = {Channel.WHATSAPP: stand_in}  # type: ignore[dict-item]
        await deliver_due(product)
    return carried


async def told(running: Running) -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in await running.rows("select approval, approval_reason, content_id from template where org_id = :org order by version")
    ]


# -- what may be written, and by whom


def rows_of(number: int, **more: str) -> list[dict[str, str]]:
    return [{"type": "list", "id": f"r{at}", "title": f"Opción {at}"} | more for at in range(number)]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"buttons": []}, "buttons"),
    ({"buttons": rows_of(1, title="x" * 25)}, "buttons[0].title"),
    ({"buttons": rows_of(1, description="x" * 73)}, "buttons[0].description"),
    ({"buttons": rows_of(1, title=" ")}, "buttons[0].title"),
    ({"buttons": [DAYS[0], DAYS[0] | {"id": "b"}]}, "buttons[1].title"),
    ({"buttons": [DAYS[0], DAYS[0] | {"title": "Otro"}]}, "buttons[1].id"),
    ({"buttons": [DAYS[0], PRESSED["buttons"][0]]}, "buttons"),
    ({"menu": None}, "menu"),
    ({"menu": "x" * 21}, "menu"),
    ({"menu": "Ver {{first_name}}"}, "menu"),
    ({"buttons": rows_of(1, title="Hola {{first_name}}")}, "buttons[0].title"),
    ({"buttons": rows_of(1, description="{{1}}")}, "buttons[0].description"),
    ({"buttons": rows_of(1, id="{{1}}")}, "buttons[0].id"),
    ({"body": "x" * 1025}, "body"),
    ({"body": " "}, "body"),
    ({"name": "x" * 61}, "name"),
    ({"channel": "sms"}, "channel"),
    ({"channel": None}, "channel"),
    ({"category": "UTILITY"}, "category"),
    ({"media_url": "https://a.example/a.png"}, "buttons"),
    ({"creditor": "Nadie"}, "creditor"),
    ({"menu": "\u3164\u115f"}, "menu"),
    ({"buttons": rows_of(1, title="\U000e0041\U000e0042")}, "buttons[0].title"),
    ({"buttons": rows_of(1, title="El\u2028lunes")}, "buttons[0].title"),
    ({"buttons": [DAYS[0], DAYS[0] | {"id": "b", "title": "El\u3164  VIERNES "}]}, "buttons[1].title"),
    (PRESSED | {"menu": "Ver"}, "menu"),
    (PRESSED | {"buttons": [PRESSED["buttons"][0] | {"description": "más"}]}, "buttons[0].description"),
    (PRESSED | {"buttons": [PRESSED["buttons"][0] | {"title": "x" * 21}]}, "buttons[0].title"),
    (PRESSED | {"buttons": [{"type": "reply", "id": f"b{at}", "title": f"B {at}"} for at in range(4)]}, "buttons[3].title"),
]


async def test_every_limit_is_told_by_its_field_and_nothing_is_recorded(running: Running) -> None:
    for wrong, field in WRONG:
        answer = await session(running, **wrong)
        assert answer.status_code == 422, (wrong, answer.text)
        assert answer.json()["errors"][0]["field"] == field, wrong
    assert await told(running) == []


@pytest.mark.parametrize(
    "words",
    ["\u3164", "\u115f\u1160", "\U000e0041", "Sí\u3164", "Sí\U000e0041", "S\u202eí", "S\u200bí", "S\u2066í", "\ufeffSí", "S\ní", "S\x85í"],
    ids=ascii,
)
def test_a_row_that_hides_something_is_told_at_whatever_door(words: str) -> None:
    row = {"type": "reply", "id": "a", "title": words}
    assert {wrong.field for wrong in problems([row], None, needed=True)} == {"buttons[0].title"}
    assert {wrong.field for wrong in problems([row | {"type": "list", "title": "Sí"}], words, needed=True)} == {"menu"}


async def test_a_name_is_one_line_and_another_kinds_name_is_not_told_apart_by_its_capitals(running: Running) -> None:
    assert (await session(running, name=" Qué\n día ")).json()["name"] == "Qué día"
    assert (await record(running, name="primer_saludo", body="Hola")).status_code == 201
    for name in (" primer_saludo ", "Primer_Saludo"):
        refused = await session(running, name=name)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name"), name
    assert (await session(running, name="Otro_Saludo")).status_code == 201
    assert (await record(running, name="otro_saludo", body="Hola")).status_code == 422


async def test_what_just_fits_is_taken(running: Running) -> None:
    most = rows_of(LIMITS["list"].rows, description="d" * 72)
    most[0]["title"] = "t" * 24
    assert (await session(running, buttons=most, menu="m" * 20, body="b" * 1024)).status_code == 201
    three = [{"type": "reply", "id": f"b{at}", "title": str(at) * 20} for at in range(3)]
    assert (await session(running, **(PRESSED | {"buttons": three}))).status_code == 201
    assert (await session(running, buttons=[*most, most[0]])).status_code in (400, 422), "an eleventh"


HOSTILE = ["a\x00b", "a\u202eb", "a\nb", "a\tb", "a\x9fb", "\u2028"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_signs_that_nobody_sees_stay_out_of_every_row(house: Running, text: str) -> None:
    for wrong in (
        {"menu": text},
        {"buttons": rows_of(1, title=text)},
        {"buttons": rows_of(1, description=text)},
        {"buttons": rows_of(1, id=text)},
    ):
        answer = await session(house, **wrong)
        assert answer.status_code == 422, (wrong, answer.text)
    assert await told(house) == []


async def test_signs_that_only_hide_are_dropped_from_every_row(running: Running) -> None:
    row = {"id": "\ufeffab", "title": "a\u200bb", "description": "a\u2066b", "type": "list"}
    made = (await session(running, buttons=[row], menu="a\u200bb")).json()
    assert ([made["menu"], made["buttons"]]) == ["ab", [row | {"id": "ab", "title": "ab", "description": "ab"}]]


async def test_hostile_bytes_are_refused_and_break_nothing(house: Running) -> None:
    async with house.api("supervisora") as api:
        for raw in ('"\\ud800"', '"\\u0000"', "5", "null", "[]", '"' + "x" * 5000 + '"'):
            for field in ("title", "description", "id"):
                card = LISTED | {"language": "es", "channel": "whatsapp", "buttons": [DAYS[1] | {field: "@@"}]}
                del card["category"]
                content = json.dumps(card).replace('"@@"', raw)
                answer = await api.post("/api/v1/templates", content=content, headers={"content-type": "application/json"})
                assert answer.status_code in (400, 422), (field, raw, answer.text)
    shown = await session(house, body="<script>x</script>", buttons=rows_of(1, title="<b>&\"'", description="</li>"), menu="<i>")
    assert shown.status_code == 201
    page = (await (await signed_in(house, "supervisora")).get("/setup/templates")).text
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;" in page
    assert "<script>x" not in page


async def test_supervisors_and_admins_write_them_and_nobody_else(running: Running) -> None:
    for who in ("ana", "revisora"):
        assert (await session(running, who)).status_code == 403
    made = (await session(running)).json()
    assert (made["kind"], made["approval"], made["menu"], made["buttons"]) == ("session", "unsubmitted", "Ver días", DAYS)
    await stranger(running, "eva", Role.SUPERVISOR, team="Equipo Pacífico")
    assert (await session(running, "eva", creditor="Banco Aurora")).status_code == 422
    async with running.api("ana") as api:
        assert (await api.delete(f"/api/v1/templates/{made['id']}")).status_code == 403


async def test_a_template_and_a_list_never_share_a_name(running: Running) -> None:
    await ready(running, name="saldo")
    answer = await record(running)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
    assert (await session(running, name="saldo", body="Otra versión.")).json()["version"] == 2


# -- at the carrier


async def test_the_carrier_makes_it_once_and_nobody_reviews_it(running: Running) -> None:
    client = await client_with(running)
    await writes(running)
    await session(running)
    assert rule_of(await by_whatsapp(running, client, template="Qué día")) == "template_not_approved", "the carrier does not have it yet"
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        assert (await register_due(product), await register_due(product)) == (1, 0)
        (asked,) = book.asked
        assert (asked.name, asked.reviewed, asked.category, asked.menu, asked.buttons) == ("Qué día_v1", False, "", "Ver días", ())
        assert asked.lines == (ListLine("fri", "El viernes", "Antes de mediodía"), ListLine("mon", "El lunes"))
        assert asked.body == "Gracias, {{1}}. ¿Qué día le queda bien?"
        assert await told(running) == [("unneeded", None, "HX1")]
        mine = Registered("HX1", "Qué día_v1", "es", asked.body, (), "unsubmitted", titles=("El viernes", "El lunes"))
        book.rows = [mine]
        assert await sync_registered(product) == 0, "no review is waited for"
        book.rows = [replace(mine, titles=("Pague ya", "El lunes"))]
        assert await sync_registered(product) == 1, "nobody reviewed what a client would read there"
    assert (await told(running))[0][0] == "rejected"
    actions = [row.action for row in await pending_of(running)]
    assert actions.count("template.approval") == 2


async def test_an_answer_of_the_carriers_that_was_lost_is_looked_for(running: Running) -> None:
    await session(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        book.fails = Unconfirmed("time-out")
        assert await register_due(product) == 0
        book.rows = [Registered("HX9", "Qué día_v1", "es", book.asked[0].body, (), "unsubmitted", titles=("El viernes", "El lunes"))]
        assert await sync_registered(product) == 1
        assert await told(running) == [("unneeded", None, "HX9")]
        assert await register_due(product) == 0


async def test_what_the_carrier_refuses_says_why_and_is_not_offered_as_ready(running: Running) -> None:
    client = await client_with(running)
    await writes(running)
    await session(running)
    async with another_product(running, accept) as (product, _):
        book = Book()
        product.adapters = {Channel.WHATSAPP: book}  # type: ignore[dict-item]
        book.fails = Refused(CarrierError("20001", "The carrier does not take it."))
        await register_due(product)
    assert await told(running) == [("rejected", "The carrier does not take it.", None)]
    assert rule_of(await by_whatsapp(running, client, template="Qué día")) == "template_not_approved"


# -- the window alone lets them through


async def test_it_answers_a_client_and_never_opens_a_conversation(running: Running) -> None:
    client = await client_with(running)
    await ready(running)
    first = await by_whatsapp(running, client, template="Qué día")
    assert (rule_of(first), "list or buttons" in first.json()["detail"] or "lista o botones" in first.json()["detail"]) == (
        "wa_window",
        True,
    )
    await writes(running)
    late = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    assert rule_of(await by_whatsapp(running, client, template="Qué día", not_before=late)) == "wa_window", "by then it will have ended"
    assert (await by_whatsapp(running, client, template="Qué día")).status_code == 202
    (outbound,) = await delivered(running)
    assert outbound.template is not None
    assert dict(outbound.template.values) == {"1": "Rosa"}
    assert outbound.text == "Gracias, Rosa. ¿Qué día le queda bien?"
    (entry,) = await running.rows("select detail from entry where org_id = :org and direction = 'out'")
    assert (entry.detail["menu"], entry.detail["buttons"], entry.detail["template"]["kind"]) == ("Ver días", DAYS, "session")
    await a_day_passes(running)
    assert rule_of(await by_whatsapp(running, client, template="Qué día")) == "wa_window"


@pytest.mark.parametrize("planned", [False, True])
async def test_one_whose_window_closes_while_it_waits_is_withheld(running: Running, planned: bool) -> None:
    client = await client_with(running)
    await ready(running)
    await writes(running)
    later = {"not_before": (datetime.now(UTC) + timedelta(hours=2)).isoformat()} if planned else {}
    assert (await by_whatsapp(running, client, template="Qué día", **later)).status_code == 202
    await a_day_passes(running)
    if planned:
        async with running.product.work() as tx:
            await tx.run("update message set due_at = due_at - interval '3 hours' where org_id = :org")
    assert await delivered(running) == []
    (row,) = await running.rows("select state, error_code, error_reason from message where org_id = :org and direction = 'out'")
    assert (row.state, row.error_code) == ("withheld", "wa_window")
    assert "list or buttons" in row.error_reason


async def test_one_that_was_retired_while_it_waited_is_withheld(running: Running) -> None:
    client = await client_with(running)
    made = await ready(running)
    await writes(running)
    assert (await by_whatsapp(running, client, template="Qué día")).status_code == 202
    async with running.api("admin") as api:
        assert (await api.delete(f"/api/v1/templates/{made['id']}")).status_code == 200
    assert await delivered(running) == []
    (row,) = await running.rows("select state, error_code from message where org_id = :org and direction = 'out'")
    assert (row.state, row.error_code) == ("withheld", "template_not_approved")


async def test_it_is_offered_on_whatsapp_alone_with_its_rows(running: Running) -> None:
    client = await client_with(running)
    await ready(running)
    (found,) = await offers(running, client)
    assert (found["kind"], found["approval"], found["menu"], found["buttons"]) == ("session", "unneeded", "Ver días", DAYS)
    assert await offers(running, client, channel="sms") == []


async def test_the_picker_says_why_it_is_closed_and_lets_it_through_while_it_is_open(running: Running) -> None:
    client = await client_with(running)
    await ready(running)
    ana = await signed_in(running)
    path = f"/c/{client['conversation_id']}/templates"
    closed = (await ana.get(f"{path}?channel=whatsapp&q=")).text
    assert 'aria-disabled="true" data-kind="session"' in closed
    assert "El cliente todavía no ha escrito aquí" in closed
    assert "Sin aprobación: solo dentro de la ventana de 24 horas" in closed
    await writes(running)
    opened = (await ana.get(f"{path}?channel=whatsapp&q=")).text
    assert 'data-kind="session"' in opened
    assert "aria-disabled" not in opened
    assert "Ver días" in opened
    await a_day_passes(running)
    assert "Pasaron 24 horas desde su último mensaje" in (await ana.get(f"{path}?channel=whatsapp&q=")).text
    (row,) = await running.rows("select id from template where org_id = :org")
    assert "Pasaron 24 horas" in (await ana.get(f"{path}/{row.id}")).text


async def test_a_list_is_no_way_to_a_client_who_never_wrote(running: Running) -> None:
    """Who may be written to first is counted by approved templates alone."""
    await client_with(running, addresses=[{"channel": "whatsapp", "value": PHONE}])
    await ready(running)
    page = (await (await signed_in(running, "admin")).get("/setup/contactable")).text
    assert "WhatsApp necesita antes una plantilla aprobada" in page


# -- what the client chooses


async def test_a_choice_comes_back_as_an_answer_to_the_list(running: Running) -> None:
    client = await client_with(running)
    await ready(running)
    await writes(running)
    await by_whatsapp(running, client, template="Qué día")
    await delivered(running)
    (sent,) = await running.rows("select id, carrier_id from message where org_id = :org and direction = 'out'")
    ours = f"whatsapp:{running.settings.twilio_whatsapp_sender}"
    form = words_of(
        running, f"whatsapp:{PHONE}", "El viernes", To=ours, ListId="fri", ListTitle="El viernes", OriginalRepliedMessageSid=sent.carrier_id
    )
    assert (await post_signed(running, form)).status_code == 200
    (entry,) = await running.rows("select id, detail from entry where org_id = :org and detail ? 'press'")
    assert entry.detail["press"] == {"title": "El viernes", "id": "fri", "listed": True}
    assert uuid.UUID(entry.detail["reply_to"]) == sent.id
    page = (await (await signed_in(running)).get(f"/c/{client['conversation_id']}")).text
    assert "Eligió: <span" in page
    assert f'href="#e-{sent.id}"' in page
    listed = page[page.index('class="said-list"') :]
    assert listed.index("Ver días") < listed.index("El viernes") < listed.index("Antes de mediodía") < listed.index("El lunes")


@pytest.mark.usefixtures("worker")
async def test_the_carrier_is_handed_a_list_and_the_client_reads_it(running: Running) -> None:
    client = await client_with(running)
    name = f"dias_{uuid.uuid4().hex[:8]}"
    await session(running, name=name)

    async def made() -> bool:
        return (await told(running))[0][0] == "unneeded"

    await until(made)
    await running.client_writes(PHONE, "Hola", channel="whatsapp")
    assert (await by_whatsapp(running, client, template=name)).status_code == 202

    async def read() -> bool:
        (message,) = await running.rows("select state, error_code from message where org_id = :org and direction = 'out'")
        assert message.error_code is None
        return message.state in ("delivered", "read", "failed")

    await until(read)
