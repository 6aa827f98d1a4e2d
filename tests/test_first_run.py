"""The path without a shell: an empty organisation, six steps, and a first message that arrives. Every page of it in both themes."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from console.setting_up import people_lines, set_up
from console.setup.client_rows import read_day
from inbox.product import open_product
from staff.founding import start_code
from tests.carrier import post_signed, words_of
from tests.conftest import empty
from tests.desk import live
from tests.doors import Visitor, signed_in, some_phone
from tests.running import Running, until, working

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PASSWORD = "girasol tranvia mate luna"
FORM = {"organisation": "Cobranza Amable", "name": "Clara Duarte", "email": "clara@amable.example", "password": PASSWORD, "language": "es"}
ZONE = {"zone": "America/Bogota"}


@pytest.fixture
async def unclaimed(served: Running, tables: asyncpg.Pool) -> Running:
    """An installation where nobody works yet, as `make run DEMO=0` leaves it."""
    await empty(tables)
    await set_up(served.product)
    async with served.product.work() as tx:
        await tx.run("insert into carrier_walk (org_id, adapter, until) values (:org, 'twilio', clock_timestamp() + interval '10 minutes')")
    return served


@pytest.fixture
async def delivering(unclaimed: Running) -> AsyncIterator[None]:
    """A worker beside it."""
    product = await open_product(unclaimed.settings)
    async with working(product):
        yield
    await product.close()


def code_of(running: Running) -> str:
    return start_code(running.settings.session_key, running.product.db.org)


async def claim(running: Running, place: str = "127.0.0.1", **changes: str) -> httpx.Response:
    transport = httpx.AsyncHTTPTransport(local_address=place, verify=False)
    async with httpx.AsyncClient(base_url=running.url, transport=transport, timeout=60) as http:
        return await http.post("/start", data=FORM | ZONE | {"code": code_of(running)} | changes)


async def test_the_launcher_prints_the_way_in_and_keeps_it_in_a_file(unclaimed: Running) -> None:
    code = code_of(unclaimed)
    assert f"/start?code={code}" in "\n".join(await people_lines(unclaimed.product))
    kept = unclaimed.settings.var / "first-run-code.txt"
    assert kept.read_text().strip() == code
    assert kept.stat().st_mode & 0o077 == 0
    assert (await claim(unclaimed)).status_code == 303
    assert await people_lines(unclaimed.product) == []
    assert not kept.exists()


async def test_only_who_has_the_code_claims_and_only_once(unclaimed: Running) -> None:
    assert (await Visitor(unclaimed).get("/sign-in")).headers["location"] == "/start"
    wrong = await claim(unclaimed, code="aaaa-bbbb-cccc-dddd")
    assert wrong.status_code == 422
    assert "Clara Duarte" in wrong.text, "what was filled in is kept"
    assert PASSWORD not in wrong.text
    assert (await claim(unclaimed, code=code_of(unclaimed).upper().replace("-", " "))).status_code == 303
    again = await claim(unclaimed, email="eve@evil.example")
    assert again.status_code == 404
    assert (await Visitor(unclaimed).get(f"/start?code={code_of(unclaimed)}")).status_code == 404
    assert [row.email for row in await unclaimed.rows("select email from agent")] == ["clara@amable.example"]


async def test_of_two_who_claim_at_once_one_does(unclaimed: Running) -> None:
    answers = await asyncio.gather(*(claim(unclaimed, email=f"one{number}@amable.example") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]
    assert len(await unclaimed.rows("select id from agent")) == 1


async def test_guessing_the_code_is_slowed_down(unclaimed: Running) -> None:
    codes = [(await claim(unclaimed, place="127.0.0.31", code=f"guess-{number}")).status_code for number in range(12)]
    assert codes == [422] * 10 + [429] * 2
    assert (await claim(unclaimed, place="127.0.0.31")).status_code == 429, "also with the right one"


@pytest.mark.parametrize(
    "password", ["corta", "passwordpassword1", "123456789012", "aaaaaaaaaaaaaa", "Clara Duarte 2026", "Cobranza-2026!!"]
)
async def test_a_password_that_is_easily_guessed_is_refused(unclaimed: Running, password: str) -> None:
    answer = await claim(unclaimed, password=password)
    assert answer.status_code == 422
    assert 'id="problem-password"' in answer.text
    assert await unclaimed.rows("select id from agent") == []


async def test_from_an_empty_organisation_to_a_message_that_arrived(unclaimed: Running, delivering: None, browser: Browser) -> None:
    context = await browser.new_context(
        base_url=unclaimed.url, viewport={"width": 1440, "height": 900}, locale="es-CO", reduced_motion="reduce"
    )
    try:
        page = await context.new_page()
        await _found(page, code_of(unclaimed))
        await _look(page)
        await _creditor_and_team(page)
        await _people(page)
        await _test_message(page)
        await _clients(page)
        await _first_message(page)
        await page.goto("/setup")
        await expect(page.get_by_text("6 de 6")).to_be_visible()
        await _look(page)
    finally:
        await context.close()

    async def told() -> bool:
        sealed = {row[0] for row in await unclaimed.rows("select body::jsonb ->> 'action' from audit_entry")}
        return {"installation.claimed", "creditor.recorded", "team.recorded", "agent.recorded", "agent.invited", "sender.tested"} <= sealed

    assert await until(told)


async def _found(page: Page, code: str) -> None:
    """By keyboard alone: each field is reached by Tab in the order in which it is seen."""
    await page.goto(f"/start?code={code}")
    await _look(page)
    await page.focus("#code")
    for text in (FORM["organisation"], FORM["name"], FORM["email"], PASSWORD):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/setup?done=welcome")
    await expect(page.locator("[aria-current=step]")).to_contain_text("Acreedores")


async def _creditor_and_team(page: Page) -> None:
    await page.get_by_role("link", name="Agregar un acreedor").press("Enter")
    await page.get_by_label("Nombre").fill("Banco Aurora")
    await page.get_by_label("Dónde pueden pagar").fill("PSE Banco Aurora\nCorresponsales")
    await page.get_by_role("button", name="Agregar el acreedor").press("Enter")
    await expect(page.locator(".row-card")).to_contain_text("WhatsApp permitido")
    await _look(page)
    await page.goto("/setup/teams")
    await expect(page.get_by_label("Banco Aurora")).to_be_checked()
    await page.get_by_label("Nombre del equipo").fill("Equipo Andes")
    await page.keyboard.press("Enter")
    await expect(page.locator(".row-card")).to_contain_text("Banco Aurora")
    await _look(page)


async def _people(page: Page) -> None:
    await page.goto("/setup/agents")
    await page.get_by_label("O pega sus filas").fill(
        "nombre;correo;rol;equipo;idioma\nAna;ana@amable.example;agente;Equipo Andes;es\nLuis;luis;jefe;Otro;xx\n"
    )
    await page.get_by_role("button", name="Revisar el archivo").press("Enter")
    await expect(page.locator("#report")).to_contain_text("hay que corregir 1 de 2 filas")
    await expect(page.locator("#report .problem-row .problem")).to_have_count(4)
    await _look(page)
    await page.get_by_label("O pega sus filas").fill(
        "name,email,role,team,language\nAna,ana@amable.example,agente,Equipo Andes,es\nLuís,luis@amable.example,,,pt\n"
    )
    await page.get_by_role("button", name="Revisar el archivo").press("Enter")
    await page.get_by_role("button", name="Importar todas las filas").press("Enter")
    await expect(page.locator(".link-text")).to_have_count(2)
    await _look(page)


async def _test_message(page: Page) -> None:
    await page.goto("/setup/senders")
    await page.get_by_label("Tu propio teléfono").fill("+57 300 555 1212")
    await page.keyboard.press("Enter")
    # The page shows it by itself, without a reload.
    await expect(page.locator("#test-state")).to_have_attribute("data-state", "delivered")
    await expect(page.locator("#test-state")).to_contain_text("Entregado")
    await _look(page)


async def _clients(page: Page) -> None:
    await page.goto("/setup/clients")
    await page.get_by_label("Tu referencia").fill("R-1")
    await page.get_by_label("Nombre").fill("Rosa Márquez")
    await page.get_by_label("Teléfono", exact=True).fill("12")
    await page.get_by_label("Saldo").fill("1,250")
    await page.get_by_role("button", name="Agregar el cliente").press("Enter")
    await expect(page.locator("#problem-tel1")).to_be_visible()
    await expect(page.locator("#problem-balance")).to_contain_text("dos maneras")
    await expect(page.get_by_label("Nombre")).to_have_value("Rosa Márquez")
    await _look(page)
    await page.get_by_label("Teléfono", exact=True).fill("300 123 4567")
    await page.get_by_label("Saldo").fill("1.250.000,50")
    await page.get_by_role("button", name="Agregar el cliente").press("Enter")
    await expect(page.locator(".done")).to_be_visible()


async def _first_message(page: Page) -> None:
    await page.goto("/setup/contactable")
    await expect(page.locator(".tally-number")).to_contain_text("1 de 1 cliente")
    await _look(page)
    await page.goto("/setup")
    await page.get_by_role("link", name="Abrir el primer cliente").press("Enter")
    await live(page)
    await page.locator("#composer-text").fill("Hola, Rosa. Te escribe Clara, de Banco Aurora.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".entry.out")).to_contain_text("Entregado")


async def _look(page: Page) -> None:
    """Nothing that axe finds in either theme, and nothing that runs out of a narrow screen (320 px is 1280 at four hundred per cent)."""
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        results = await Axe().run(page, options=AXE)
        found = [(one["id"], one["nodes"][0]["html"][:160]) for one in results.response["violations"]]
        assert found == [], f"{page.url} {theme}: {found}"
    before = page.viewport_size or {"width": 1440, "height": 900}
    for width in (390, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} at {width}"
    await page.set_viewport_size({"width": before["width"], "height": before["height"]})


async def test_who_may_enter_the_settings(house: Running) -> None:
    """Admins all of it, supervisors teams and who can be contacted; for everybody else there is nothing there."""
    everything = ["/setup", "/setup/creditors", "/setup/teams", "/setup/agents", "/setup/senders", "/setup/clients", "/setup/contactable"]
    theirs = {"admin": everything, "supervisora": ["/setup", "/setup/teams", "/setup/contactable"], "ana": [], "revisora": []}
    for who, pages in theirs.items():
        visitor = await signed_in(house, who)
        for path in everything:
            assert (await visitor.get(path)).status_code == (200 if path in pages else 404), (who, path)
        desk = (await visitor.get("/")).text
        assert ('href="/setup"' in desk) is bool(pages)
    supervisor = await signed_in(house, "supervisora")
    for path in ("/setup/teams", "/setup/creditors", "/setup/agents", "/setup/clients", "/setup/senders/test", "/setup/clients/file"):
        assert (await supervisor.post(path, {"name": "x"})).status_code == 404, path
    admin = await signed_in(house, "admin")
    assert (await admin.post("/setup/teams", {"name": "x"}, x_csrf_token="0" * 64)).status_code == 403
    assert await house.rows("select id from team where name = 'x'") == []


async def test_creditors_are_changed_whole_and_each_name_is_one(house: Running) -> None:
    admin = await signed_in(house, "admin")
    form = {"name": "Tienda Sol", "type": "store", "party": "third", "country": "MX", "destinations": "OXXO\nSPEI"}
    assert (await admin.post("/setup/creditors", form)).status_code == 303
    doubled = await admin.post("/setup/creditors", form | {"name": "TIENDA sol"})
    assert doubled.status_code == 422
    assert 'id="problem-name"' in doubled.text
    [row] = await house.rows("select id, first_party, payment_destinations from creditor where name = 'Tienda Sol'")
    assert (row.first_party, row.payment_destinations) == (False, [{"name": "OXXO"}, {"name": "SPEI"}])
    assert (await admin.post(f"/setup/creditors/{row.id}", form | {"name": "Tienda Luna", "party": "first"})).status_code == 303
    assert [tuple(one) for one in await house.rows("select name, first_party from creditor where id = :id", id=row.id)] == [
        ("Tienda Luna", True)
    ]
    for field, value in (
        ("type", "x"),
        ("party", ""),
        ("country", "XX"),
        ("name", " "),
        ("destinations", "\n".join("abcdefghijklmnopqrstuvw")),
    ):
        answer = await admin.post("/setup/creditors", form | {field: value})
        assert answer.status_code == 422, field


async def test_a_file_of_clients_is_imported_whole_or_not_at_all(house: Running) -> None:
    admin = await signed_in(house, "admin")
    phones = [some_phone() for _ in range(3)]
    good = "referencia;nombre;tel1;tel2;acreedor;cuenta;saldo;moneda;vencimiento;dias de mora\n" + "".join(
        f"F-{number};Cliente Ñandú {number};{phone};;banco aurora;FA-{number};1.250.000,5{number};COP;30/11/2026;12\n"
        for number, phone in enumerate(phones)
    )
    bad = good + "F-9;Otra;123;;Banco Nadie;FA-9;12.50.1;XXX;31/02/2026;pronto\nF-9;;;;Banco Aurora;FA-0;;;;\n"
    refused = await admin.post("/setup/clients/file", {"text": bad, "confirmed": "1"})
    assert refused.status_code == 422
    assert refused.text.count('class="problem"') >= 6
    assert await house.rows("select id from debtor where ref like 'F-%'") == []
    dry = await admin.post("/setup/clients/file", {"text": good})
    assert (dry.status_code, await house.rows("select id from debtor where ref like 'F-%'")) == (200, [])
    latin = {"file": ("clientes.csv", good.encode("latin-1"), "text/csv")}
    own = {"origin": house.url, "x-csrf-token": admin.csrf}
    done = await admin.ask("POST", "/setup/clients/file", headers=own, files=latin, data={"confirmed": "1"})
    assert done.status_code == 200, done.text
    rows = await house.rows(
        "select d.ref, b.total_due, b.days_past_due from debtor d join debt b on b.debtor_id = d.id where d.ref like 'F-%' order by 1"
    )
    assert [(row.ref, str(row.total_due), row.days_past_due) for row in rows] == [(f"F-{n}", f"1250000.5{n}00", 12) for n in range(3)]
    assert "3 ya conocidos" in (await admin.post("/setup/clients/file", {"text": good, "confirmed": "1"})).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hola",
        "a;b\n1;2",
        "referencia;nombre;acreedor\n",
        "referencia;referencia;nombre;acreedor\n1;1;2;3",
        'referencia;nombre;acreedor\n"1;2;3\x00',
    ],
)
async def test_a_file_that_cannot_be_read_is_told_in_words(house: Running, text: str) -> None:
    admin = await signed_in(house, "admin")
    answer = await admin.post("/setup/clients/file", {"text": text, "confirmed": "1"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    workbook = {"file": ("clientes.xlsx", b"PK\x03\x04....", "application/zip")}
    answer = await admin.ask("POST", "/setup/clients/file", headers={"origin": house.url, "x-csrf-token": admin.csrf}, files=workbook)
    assert answer.status_code == 422


async def test_more_than_two_thousand_rows_are_refused(house: Running) -> None:
    admin = await signed_in(house, "admin")
    text = "referencia;nombre;acreedor\n" + "".join(f"M-{number};Nombre;Banco Aurora\n" for number in range(2001))
    own = {"origin": house.url, "x-csrf-token": admin.csrf}
    answer = await admin.ask("POST", "/setup/clients/file", headers=own, files={"file": ("m.csv", text.encode())})
    assert answer.status_code == 422
    assert "2.000" in answer.text


def test_days_are_read_as_they_are_written_here() -> None:
    assert [str(read_day(text)) for text in ("2026-11-30", "30/11/2026", "5.1.2027", "11/30/2026", "30/11/26", "")] == [
        "2026-11-30", "2026-11-30", "2027-01-05", "None", "None", "None",
    ]  # fmt: skip


async def test_the_test_message_is_no_client_and_asks_the_gate(house: Running, house_worker: None) -> None:
    admin = await signed_in(house, "admin")
    page = (await admin.get("/setup/senders")).text
    [token] = re.findall(r'name="client_token" value="([^"]+)"', page)
    form = {"channel": "sms", "number": "+57 300 765 0001", "client_token": token}
    for _ in range(2):
        assert (await admin.post("/setup/senders/test", form)).status_code == 303
    rows = await house.rows("select m.id, m.verdict_id, c.assigned_agent_id, c.id as conversation from message m join conversation c on c.id = m.conversation_id"
                            " join debtor d on d.id = m.debtor_id where starts_with(d.ref, 'own-number:')")  # fmt: skip
    assert len(rows) == 1, "two presses of one form are one message"
    assert rows[0].verdict_id is not None
    assert rows[0].assigned_agent_id == house.agents["admin"]
    ana = await signed_in(house, "ana")
    assert (await ana.get(f"/setup/senders/test/{rows[0].id}")).status_code == 404

    async def arrived() -> Any:
        answer = await admin.get(f"/setup/senders/test/{rows[0].id}")
        return 'data-state="delivered"' in answer.text and "hx-get" not in answer.text

    assert await until(arrived)
    await admin.get("/setup/senders")
    assert [row.channel for row in await house.rows("select channel from sender where tested_at is not null")] == ["sms"]
    wrong = await admin.post("/setup/senders/test", form | {"number": "12"})
    assert wrong.status_code == 422
    assert 'id="problem-number"' in wrong.text


async def test_a_test_of_our_own_is_in_nobodys_list_and_what_comes_back_is_in_the_testers(house: Running, house_worker: None) -> None:
    admin, number = await signed_in(house, "admin"), some_phone()
    [token] = re.findall(r'name="client_token" value="([^"]+)"', (await admin.get("/setup/senders")).text)
    for again in (token, str(uuid.uuid4())):
        form = {"channel": "sms", "number": number, "client_token": again}
        assert (await admin.post("/setup/senders/test", form)).status_code == 303
    [row] = await house.rows("select c.id from conversation c join debtor d on d.id = c.debtor_id where d.ref = :ref", ref=own_ref(house))
    everybody = {who: await signed_in(house, who) for who in ("admin", "supervisora", "ana", "revisora")}

    async def lists_with_it() -> set[tuple[str, str]]:
        views = ("mine", "unassigned", "team", "mentions", "snoozed", "triage", "closed")
        asked = [(who, view) for who in everybody for view in views]
        pages = await asyncio.gather(*(everybody[who].get(f"/?view={view}") for who, view in asked))
        return {one for one, page in zip(asked, pages, strict=True) if f'data-id="{row.id}"' in page.text}

    assert await lists_with_it() == set()
    name = (await house.rows("select name from agent where id = :id", id=house.agents["admin"]))[0].name
    assert str(row.id) not in (await admin.get(f"/palette?q={name.split()[0]}")).text
    await post_signed(house, words_of(house, number, "¿Quién es?"))
    assert await until(lambda: _is_waiting(house, row.id))
    assert await lists_with_it() == {("admin", "mine")}
    assert "Prueba propia" in (await admin.get("/?view=mine")).text
    assert "Prueba propia" in (await admin.get(f"/c/{row.id}")).text
    assert (await admin.post(f"/c/{row.id}/close")).status_code == 200
    assert await lists_with_it() == set()
    assert (await house.rows("select state from conversation where id = :id", id=row.id))[0].state == "own"
    await post_signed(house, words_of(house, number, "¿Sigues ahí?"))
    assert await until(lambda: _is_waiting(house, row.id))
    assert await lists_with_it() == {("admin", "mine")}, "what comes after it was put away is the tester's, too"


async def test_the_wrong_person_at_a_phone_of_our_own_makes_no_client_of_it(house: Running, house_worker: None) -> None:
    admin, number = await signed_in(house, "admin"), some_phone()
    form = {"channel": "sms", "number": number, "client_token": str(uuid.uuid4())}
    assert (await admin.post("/setup/senders/test", form)).status_code == 303
    [row] = await house.rows("select c.id from conversation c join debtor d on d.id = c.debtor_id where d.ref = :ref", ref=own_ref(house))
    await post_signed(house, words_of(house, number, "No soy yo"))
    assert await until(lambda: _is_waiting(house, row.id))
    for _ in range(2):
        assert (await admin.post(f"/c/{row.id}/wrong-person")).status_code == 200
    [now] = await house.rows("select state, assigned_agent_id, waiting_since from conversation where id = :id", id=row.id)
    assert (now.state, now.assigned_agent_id, now.waiting_since) == ("own", house.agents["admin"], None)
    said = "select id from entry where conversation_id = :id and detail ->> 'event' = 'wrong_person'"
    [event] = await house.rows(said, id=row.id)
    assert f'data-id="{row.id}"' not in (await admin.get("/?view=closed")).text
    assert (await admin.post(f"/c/{row.id}/undo", {"entry": str(event.id)})).status_code == 200
    [again] = await house.rows("select state, waiting_since from conversation where id = :id", id=row.id)
    assert again.state == "own"
    assert again.waiting_since is not None


async def _is_waiting(house: Running, conversation: uuid.UUID) -> bool:
    return bool(await house.rows("select 1 from conversation where id = :id and waiting_since is not null", id=conversation))


def own_ref(house: Running) -> str:
    return f"own-number:{house.agents['admin']}"
