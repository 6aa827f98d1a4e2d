"""Files of clients: cells are read as their country writes them, and whatever was not plain is shown before it counts."""

from __future__ import annotations

import re
from decimal import Decimal

import httpx
import pytest
from babel.messages.catalog import Catalog
from playwright.async_api import Browser, expect

from base.errors import InvalidField
from console.setup.client_columns import COLUMNS, HEADINGS, LABELS, title
from console.setup.tables import plain
from debts.money import read_sum
from tests.desk import session_cookie
from tests.doors import session_of, signed_in, some_phone
from tests.running import Running
from tools.catalogues import catalogues, read

DOOR = "/setup/clients/file"


@pytest.mark.parametrize(
    ("text", "currency", "country", "amount", "known"),
    [
        ("$ 350.000", None, "CO", "350000", "COP"), ("1.240", "COP", "CO", "1240", "COP"), ("1.240,50", None, "BR", "1240.50", "BRL"),
        ("1,240.50", None, "MX", "1240.50", "MXN"), ("1,240", "MXN", None, "1240", "MXN"), ("R$ 1.250,00", None, None, "1250.00", "BRL"),
        ("S/ 99.90", None, "PE", "99.90", "PEN"), ("US$ 300", None, "CO", "300", "USD"), ("$ 300", None, "PE", "300", None),
        ("350.000 COP", None, None, "350000", "COP"), ("1250000.50", "COP", "CO", "1250000.50", "COP"), ("0", "COP", None, "0", "COP"),
        ("1.250.000", None, None, "1250000", None), ("1250,5", "CLP", None, "1250.5", "CLP"), ("Bs", None, None, None, None),
        ("1.250.50", None, None, None, None), ("12.34.567", None, None, None, None), ("-5", None, None, None, None), ("1e9", None, None, None, None),
        ("１２", None, None, None, None), ("", None, None, None, None), ("US$ 300", "COP", "CO", None, None), ("$ 300", "PEN", "PE", None, None),
        ("ZZZ 300", None, None, None, None),
    ],
)  # fmt: skip
def test_sums_are_read_by_their_currency_and_country(
    text: str, currency: str | None, country: str | None, amount: str | None, known: str | None
) -> None:
    if amount is None:
        with pytest.raises(InvalidField):
            read_sum(text, currency=currency, country=country)
        return
    found = read_sum(text, currency=currency, country=country)
    assert (found.amount, found.currency, found.doubtful) == (Decimal(amount), known, False)


@pytest.mark.parametrize(
    ("text", "currency", "country", "amount"),
    [("1,240", "COP", "CO", "1240"), ("1.240", "MXN", "MX", "1240"), ("1.240", "USD", "EC", "1240"), ("1.240", None, None, "1240"),
     ("1,240", None, None, "1240"), ("1.24", "COP", "CO", "1.24")],
)  # fmt: skip
def test_sums_that_could_be_meant_otherwise_are_doubtful(text: str, currency: str | None, country: str | None, amount: str) -> None:
    found = read_sum(text, currency=currency, country=country)
    assert (found.amount, found.doubtful) == (Decimal(amount), True)


@pytest.mark.parametrize("catalogue", [read(po) for po in catalogues()], ids=lambda one: str(one.locale))
def test_a_column_is_understood_by_the_name_that_the_page_tells(catalogue: Catalog) -> None:
    for column in COLUMNS:
        assert HEADINGS[plain(title(column, str(catalogue[LABELS[column]].string)))] == column


@pytest.mark.parametrize(
    "heading",
    [
        "Código;Nombre del cliente;Teléfono;Celular 2;Acreedor;Saldo;Vencimiento;Días de mora",
        "Referência;Nome;Telefone;Celular 2;Credor;Saldo devedor;Vencimento;Dias em atraso",
        "Reference;Name;Phone;Phone 2;Creditor;Balance;Due on;Days past due",
    ],
)
async def test_a_creditors_country_is_that_of_its_clients_and_cells_are_shown_as_they_were_read(house: Running, heading: str) -> None:
    await house.rows("update creditor set country = 'CO' where name = 'Banco Aurora' returning id")
    admin = await signed_in(house, "admin")
    mark = f"N{len(heading)}"
    phone = some_phone()[3:]
    text = f"{heading}\n{mark}-K;Rosa;{phone};;banco aurora;$ 350.000;5/1/2027;12\n"
    told = cells(await admin.post(DOOR, {"text": text}))
    assert told[2:] == [
        f"{mark}-K",
        "Rosa",
        f"+57 {phone[:3]} {phone[3:]}",
        "Banco Aurora",
        f"{mark}-K",
        "$ 350.000 COP",
        "5 ene 2027",
        "12",
    ]
    assert (await admin.post(DOOR, {"text": text, "confirmed": "1"})).status_code == 200
    [row] = await house.rows(
        "select d.country, b.total_due, b.currency from debtor d join debt b on b.debtor_id = d.id where d.ref = :ref", ref=f"{mark}-K"
    )
    assert tuple(row) == ("CO", Decimal(350_000), "COP")
    # Who is known to live elsewhere is not moved by the creditor's country; who is said to live elsewhere is.
    for country, known in (("", "CO"), ("MX", "MX"), ("", "MX")):
        moved = f"{heading};País\n{mark}-K;Rosa;;;Banco Aurora;350000;;;{country}\n"
        answer = await admin.post(DOOR, {"text": moved, "confirmed": "1", "agreed": "1"})
        assert answer.status_code == 200
        assert [tuple(one) for one in await house.rows("select country from debtor where ref = :ref", ref=f"{mark}-K")] == [(known,)]


async def test_columns_that_nobody_reads_are_named(house: Running) -> None:
    admin = await signed_in(house, "admin")
    clients = await admin.post(DOOR, {"text": "referencia;nombre;acreedor;Ciudad;Asesor asignado\nU-1;Rosa;Banco Aurora;Cali;Luis\n"})
    assert "no se conocen: Ciudad, Asesor asignado." in clients.text
    agents = await admin.post("/setup/agents/file", {"text": "nombre;correo;sede\nLuz;luz@amable.example;Cali\n"})
    assert "no se conoce: sede." in agents.text
    missing = await admin.post(DOOR, {"text": "nombre;saldo\nRosa;3\n"})
    assert "Falta: Referencia, Acreedor." in missing.text
    longer = await admin.post(DOOR, {"text": "referencia,nombre,acreedor,saldo\nU-2,Rosa,Banco Aurora,1,240.50\n"})
    assert "más celdas que columnas" in longer.text


async def test_a_sum_that_could_be_meant_otherwise_is_asked_before_it_counts(house: Running) -> None:
    admin = await signed_in(house, "admin")
    text = "referencia;nombre;acreedor;saldo;moneda\nD-1;Rosa;Banco Aurora;1,240;COP\nD-2;Luis;Banco Aurora;1.240;COP\n"
    for form in ({"text": text}, {"text": text, "confirmed": "1"}):
        asked = await admin.post(DOOR, form)
        assert "El saldo «1,240» se leyó como $ 1.240 COP." in asked.text
        assert "«1.240»" not in asked.text
        assert await house.rows("select id from debtor where ref like 'D-_'") == []
    assert (await admin.post(DOOR, {"text": text, "confirmed": "1", "agreed": "1"})).status_code == 200
    found = await house.rows("select b.total_due from debtor d join debt b on b.debtor_id = d.id where d.ref like 'D-_'")
    assert [row.total_due for row in found] == [Decimal(1240)] * 2
    form = {"reference": "D-3", "name": "Rosa", "tel1": some_phone(), "creditor": "Banco Aurora", "balance": "1,240", "currency": "COP"}
    refused = await admin.post("/setup/clients", form)
    assert (refused.status_code, "Escribe 1240 si eso quieres decir" in refused.text) == (422, True)


async def test_a_phone_of_two_clients_is_seen_before_it_counts(house: Running) -> None:
    admin = await signed_in(house, "admin")
    shared, known, own = some_phone(), some_phone(), some_phone()
    first = f"referencia;nombre;tel;acreedor\nS-1;Rosa;{known};Banco Aurora\n"
    assert (await admin.post(DOOR, {"text": first, "confirmed": "1"})).status_code == 200
    text = (
        f"referencia;nombre;tel;tel2;acreedor;cuenta\nS-2;Luis;{shared};;Banco Aurora;A\nS-3;Ana;{shared};{known};Banco Aurora;B\n"
        f"S-4;Eva;{own};;Banco Aurora;C\nS-4;Eva;{own};;Banco Aurora;D\nS-1;Rosa;{known};;Banco Aurora;E\n"
    )
    dry = await admin.post(DOOR, {"text": text, "confirmed": "1"})
    notes = re.findall(r'<p class="note">(.*?)</p>', dry.text)
    assert len([note for note in notes if "en la fila 2, con otro" in note]) == 1
    assert len([note for note in notes if "un cliente que ya está aquí: S-1." in note]) == 1
    assert not any(own[-4:] in note for note in notes), "several accounts of one client"
    assert "Revisé las 3 filas marcadas" in dry.text
    assert await house.rows("select id from debtor where ref = 'S-2'") == []
    assert (await admin.post(DOOR, {"text": text, "confirmed": "1", "agreed": "1"})).status_code == 200
    form = {"reference": "S-5", "name": "Teo", "tel1": known, "creditor": "Banco Aurora"}
    asked = await admin.post("/setup/clients", form)
    assert asked.status_code == 422
    assert "un cliente que ya está aquí: S-1." in asked.text
    assert (await admin.post("/setup/clients", form | {"shared": "1"})).status_code == 303
    assert (await admin.post("/setup/clients", form)).status_code == 422, "the other one is still somebody else"


async def test_a_wide_file_scrolls_within_its_frame_and_rows_keep_their_numbers(house: Running, browser: Browser) -> None:
    text = "referencia;nombre;tel;acreedor;saldo;moneda\n" + "".join(
        f"W-{number};Cliente con un nombre largo {number};{some_phone()};Banco Aurora;1,240;COP\n" for number in range(40)
    )
    async with await browser.new_context(base_url=house.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce") as context:
        await context.add_cookies([session_cookie(house.settings, await session_of(house, "admin"))])
        page = await context.new_page()
        await page.goto("/setup/clients")
        await page.get_by_label("O pega sus filas").fill(text)
        await page.get_by_role("button", name="Revisar el archivo").press("Enter")
        frame = page.get_by_role("region", name="Filas del archivo")
        number = frame.locator("tbody .stays").first
        before = await number.bounding_box()
        await frame.evaluate("frame => frame.scrollTo(frame.scrollWidth, 0)")
        await expect(frame.locator("tbody td").nth(8)).to_be_in_viewport()
        assert await number.bounding_box() == before
        note = frame.locator(".note").first
        box = await note.bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        button = page.get_by_role("button", name="Importar todas las filas")
        await button.press("Enter")
        await expect(page.get_by_role("checkbox", name="Revisé las 40 filas")).to_be_focused()
        await page.keyboard.press("Space")
        await button.press("Enter")
        await expect(page.locator(".done")).to_contain_text("40 clientes nuevos")


def cells(answer: httpx.Response) -> list[str]:
    """The first row of the table: its number, what comes of it, and its cells."""
    row = re.search(r"<tbody>\s*<tr.*?</tr>", answer.text, re.DOTALL)
    assert row is not None, answer.text
    return [re.sub(r"<.*?>", "", cell).replace("\xa0", " ").strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row[0], re.DOTALL)]
