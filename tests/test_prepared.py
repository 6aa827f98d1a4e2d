"""Prepared texts on the settings' pages: who may, what is refused beside its field, versions that never overwrite, and a preview that hints."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from compliance.linting import lint
from inbox.registering import register_due
from staff.models import Role
from tests.desk import sign_in
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, stranger
from tests.running import Running

GOOD = {
    "kind": "whatsapp",
    "name": "recordatorio_pago",
    "language": "es",
    "category": "UTILITY",
    "body": "Hola {{first_name}}, te escribe {{creditor}}. Tu saldo es {{total_due}} hoy.",
    "title_1": "Ya pagué",
    "title_2": "Pagar hoy",
}


async def texts(running: Running) -> list[Any]:
    """What is in the table."""
    return await running.rows("select * from template where org_id = :org order by created_at, version")


async def record(who: Visitor, **more: str) -> Any:
    """Fill in the form of a new text."""
    return await who.post("/setup/templates", GOOD | more)


async def test_supervisors_and_admins_write_texts_and_nobody_else_finds_the_page(running: Running) -> None:
    admin, boss, ana, reviewer = [await signed_in(running, who) for who in ("admin", "supervisora", "ana", "revisora")]
    for who in (ana, reviewer):
        for path in ("/setup/templates", "/setup/templates/new", f"/setup/templates/{NOBODY}"):
            assert (await who.get(path)).status_code == 404
        assert (await record(who)).status_code == 404
        assert (await who.post("/setup/templates/preview", GOOD)).status_code == 404
    answer = await record(boss)
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup/templates?done=template")
    (row,) = await texts(running)
    assert (row.kind, row.channel, row.version, row.approval) == ("template", "whatsapp", 1, "unsubmitted")
    assert row.buttons == [
        {"type": "reply", "id": "ya_pague", "title": "Ya pagué"},
        {"type": "reply", "id": "pagar_hoy", "title": "Pagar hoy"},
    ]
    page = (await admin.get("/setup/templates")).text
    assert "recordatorio_pago" in page
    assert "recordatorio_pago" not in (await admin.get("/setup/templates?kind=sms")).text
    for who in (ana, reviewer):
        assert (await who.get(f"/setup/templates/{row.id}")).status_code == 404
        assert (await who.post(f"/setup/templates/{row.id}/retire")).status_code == 404


async def test_another_portfolios_texts_are_not_there(running: Running) -> None:
    await stranger(running, "eva", Role.SUPERVISOR, team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    (aurora,) = await running.rows("select id from creditor where org_id = :org and name = 'Banco Aurora'")
    boss, eva = await signed_in(running, "supervisora"), await signed_in(running, "eva")
    assert (await record(boss, creditor=str(aurora.id))).status_code == 303
    (row,) = await texts(running)
    assert "recordatorio_pago" not in (await eva.get("/setup/templates")).text
    assert (await eva.get(f"/setup/templates/{row.id}")).status_code == 404
    assert (await eva.post(f"/setup/templates/{row.id}", GOOD)).status_code == 404
    refused = await record(eva, name="otro", creditor=str(aurora.id))
    assert refused.status_code == 422
    assert 'id="problem-creditor"' in refused.text
    assert "Banco Aurora" not in (await eva.get("/setup/templates/new")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "fax"),
        ("name", "Con Espacios"),
        ("name", ""),
        ("language", "klingon"),
        ("category", "SPAM"),
        ("creditor", NOBODY),
        ("creditor", "x"),
        ("body", ""),
        ("body", "{{first_name}} al principio"),
        ("title_4", "cuatro"),
        ("title_2", "un botón de más de veinte letras"),
        ("title_2", "YA PAGUÉ"),
        ("about_1", "una segunda línea"),
        ("media_url", "ftp://x"),
    ],
)
async def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(house: Running, field: str, value: str) -> None:
    admin = await signed_in(house, "admin")
    more = {"media_url": {"title_1": "", "title_2": ""}, "title_4": {"title_3": "tres"}}.get(field, {})
    answer = await record(admin, **more, **{field: value})
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    if field != "body":
        assert "Hola {{first_name}}, te escribe {{creditor}}" in answer.text
    if field not in ("name", "kind"):
        assert 'value="recordatorio_pago"' in answer.text
    assert not await texts(house)


async def test_a_change_is_a_new_version_and_retiring_takes_all_of_them(running: Running) -> None:
    admin = await signed_in(running, "admin")
    await record(admin)
    (first,) = await texts(running)
    again = await record(admin)
    assert again.status_code == 422
    assert 'id="problem-name"' in again.text, "a new text never hides one that is there"
    async with running.product.work() as tx:
        await tx.run("update template set approval = 'approved' where org_id = :org")
    changed = GOOD | {
        "name": "otro_nombre",
        "kind": "sms",
        "body": "Hola {{first_name}}, paga en {{enlace}} cuando puedas.",
        "title_1": "Ya pagué",
        "title_2": "",
    }
    assert (await admin.post(f"/setup/templates/{first.id}", changed)).status_code == 303
    one, two = await texts(running)
    assert (two.name, two.channel, two.version, two.body) == ("recordatorio_pago", "whatsapp", 2, changed["body"])
    assert (one.version, one.body) == (1, GOOD["body"]), "words that were sent never change"
    assert two.buttons[0]["id"] == "ya_pague"
    page = (await admin.get("/setup/templates")).text
    assert "Mientras tanto, los agentes ven la versión 1." in page
    assert (await admin.post(f"/setup/templates/{two.id}", GOOD | {"language": "pt-BR"})).status_code == 303
    assert [row.language for row in await texts(running)] == ["es", "es", "pt-BR"]
    assert (await admin.post(f"/setup/templates/{two.id}", GOOD | {"language": "pt-BR"})).status_code == 422
    assert (await admin.post(f"/setup/templates/{two.id}/retire")).status_code == 303
    assert [(row.language, row.active) for row in await texts(running)] == [("es", False), ("es", False), ("pt-BR", True)]
    assert (await admin.get(f"/setup/templates/{two.id}")).status_code == 404
    assert (await admin.post(f"/setup/templates/{NOBODY}/retire")).status_code == 404


async def test_a_text_keeps_its_language_though_the_form_would_not_have_offered_it(running: Running) -> None:
    async with running.api("admin") as api:
        text = {"kind": "canned", "name": "saudação", "language": "pt", "body": "Olá, {{first_name}}."}
        assert (await api.post("/api/v1/templates", json=text)).status_code == 201
    (row,) = await texts(running)
    admin = await signed_in(running, "admin")
    page = (await admin.get(f"/setup/templates/{row.id}")).text
    assert '<option value="pt" selected>' in page
    form = {"kind": "canned", "name": "saudação", "language": "pt", "body": "Oi, {{first_name}}."}
    assert (await admin.post(f"/setup/templates/{row.id}", form)).status_code == 303
    assert [(one.language, one.version) for one in await texts(running)] == [("pt", 1), ("pt", 2)]
    assert (await admin.post(f"/setup/templates/{row.id}", form | {"language": "qu"})).status_code == 422


async def test_what_the_carrier_says_is_told_in_words(running: Running) -> None:
    admin = await signed_in(running, "admin")
    await record(admin)
    await register_due(running.product)
    assert "En revisión" in (await admin.get("/setup/templates")).text
    async with running.product.work() as tx:
        await tx.run("update template set approval = 'rejected', approval_reason = 'TAG_CONTENT_MISMATCH' where org_id = :org")
    page = (await admin.get("/setup/templates")).text
    assert "Rechazada" in page
    assert "El operador dice: TAG_CONTENT_MISMATCH" in page


async def test_the_preview_fills_in_and_hints(running: Running) -> None:
    admin = await signed_in(running, "admin")
    body = "Estimado deudor {{first_name}}, pague {{total_due}} o {{motivo}} perderá todo.<b>"
    answer = await admin.post("/setup/templates/preview", GOOD | {"body": body, "kind": "sms"})
    assert answer.status_code == 200
    assert "Rosa" in answer.text
    assert "2.480.000" in answer.text
    assert "&lt;b&gt;" in answer.text
    assert "El agente escribe: motivo" in answer.text
    assert "segmento" in answer.text
    assert "Di quién escribe" in answer.text
    assert "deudor»" in answer.text
    legal = await admin.post("/setup/templates/preview", GOOD | {"body": body, "legal": "1"})
    assert "deudor»" not in legal.text
    assert "Beatriz" in (await admin.post("/setup/templates/preview", GOOD | {"language": "pt-BR"})).text
    assert (await admin.post("/setup/templates/preview", {})).status_code == 200


def test_the_linter_reads_what_a_text_says() -> None:
    whole = "Hola {{ first_name }}, de {{creditor}}: {{total_due}} hasta el {{due_on}}. Paga en https://x.co. Para no recibir más, escribe BAJA."
    assert all(point.said for point in lint(whole))
    assert not any(point.said for point in lint("Hola, ¿cómo estás?"))
    said = {point.name for point in lint("Sua fatura de R$ 120 vence amanhã. Pague com Pix.", ("Sair",)) if point.said}
    assert said == {"amount", "date", "pay", "opt_out"}


async def test_a_text_is_written_with_places_by_hand_and_by_button(running: Running, context: BrowserContext) -> None:
    page = await sign_in(context, running, "admin")
    await page.goto(f"{running.url}/setup/templates")
    await page.get_by_role("link", name="Escribir un texto").click()
    await page.wait_for_url("**/setup/templates/new*")  # with its scripts
    await page.fill("#body", "Hola ")
    await expect(page.locator("#preview .phone-bubble")).to_have_text(re.compile("Hola"))
    await expect(page.locator("#body")).to_be_focused()
    await page.fill("#name", "saludo_corto")
    await page.focus("#body")
    await page.keyboard.press("Control+End")
    await page.get_by_role("button", name="Primer nombre", exact=True).click()
    await page.keyboard.type(", te escribe ")
    await page.get_by_role("button", name="Acreedor", exact=True).click()
    await page.keyboard.type(" por tu cuenta.")
    await expect(page.locator("#body")).to_have_value("Hola {{first_name}}, te escribe {{creditor}} por tu cuenta.")
    await expect(page.locator("#preview .phone-bubble")).to_have_text(re.compile("Hola Rosa, te escribe Banco Aurora por tu cuenta"))
    await expect(page.locator("#preview .points .is-said")).to_have_count(1)
    await expect(page.locator("#title_2")).to_be_hidden()
    await page.fill("#title_1", "Ya pagué")
    await expect(page.locator("#title_2")).to_be_visible()
    await expect(page.locator("#about_1")).to_be_hidden()
    await expect(page.locator("#preview .phone-buttons")).to_have_text(re.compile("Ya pagué"))
    await page.get_by_role("button", name="Registrar el texto").click()
    await expect(page.get_by_role("heading", name="saludo_corto")).to_be_visible()
    assert [row.name for row in await texts(running)] == ["saludo_corto"]
