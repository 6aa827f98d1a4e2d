"""Guards the phone page: a person plays clients by hand, live."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Browser, Page, expect

from tests.simulator.far_side import ACCOUNT, ANA, MESSAGES, TOKEN, Carrier


async def test_a_person_plays_a_client_on_the_phone(carrier: Carrier, browser: Browser) -> None:
    rosa = "+573004445566"
    known = [{"name": "Rosa Martínez", "number": rosa, "lines": ["¿Puedo pagar el viernes?"]}]
    assert carrier.http.post("/_simulator/clients", json=known).json() == {"clients": 1}
    page, complaints = await open_page(carrier, browser, 1440)
    await page.get_by_role("searchbox").fill("rosa")
    await page.get_by_role("link", name="Rosa Martínez").click()
    await expect(page.get_by_role("heading", name="Rosa Martínez")).to_be_visible()
    await page.get_by_label("Mensaje de texto").fill("Hola <b>Trato</b> & compañía")
    await page.keyboard.press("Enter")
    mine = page.locator(".bubble.mine")
    await expect(mine).to_contain_text(["Hola <b>Trato</b> & compañía"])
    await expect(mine.first).to_contain_text("Recibido por Trato")
    assert carrier.product.next()["Body"] == "Hola <b>Trato</b> & compañía"

    await page.get_by_label("Mensaje de texto").fill("un borrador")
    carrier.send(to=rosa, body="Claro que sí, Rosa")
    theirs = page.locator(".bubble.theirs")
    await expect(theirs).to_contain_text(["Claro que sí, Rosa"])
    await expect(theirs).to_contain_text(["Entregado"])
    await expect(page.get_by_label("Mensaje de texto")).to_have_value("un borrador")
    await expect(page.get_by_label("Mensaje de texto")).to_be_focused()

    await page.get_by_role("button", name="¿Puedo pagar el viernes?").click()
    await expect(mine).to_contain_text(["Hola", "¿Puedo pagar el viernes?"])

    await page.get_by_role("button", name="Saturado").click()
    await expect(page.get_by_role("button", name="Saturado")).to_have_attribute("aria-pressed", "true")
    assert carrier.send(to=ANA, StatusCallback=None).status_code == 201
    assert carrier.send(to=rosa, StatusCallback=None).status_code == 429
    assert carrier.send(to=rosa, StatusCallback=None).status_code == 201

    await page.get_by_role("searchbox").fill("+57 300 999 0077")
    await page.get_by_role("link", name="Escribir desde +573009990077").click()
    await expect(page.get_by_text("Todavía no hay mensajes.")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Rosa Martínez")).to_be_visible()
    await page.close()
    assert complaints == []


async def test_whatsapp_is_the_other_app_of_the_phone(carrier: Carrier, browser: Browser) -> None:
    ines = "+573004445577"
    carrier.http.post("/_simulator/clients", json=[{"name": "Inés Ríos", "number": ines}]).raise_for_status()
    replies = [{"title": "Ver opciones", "id": "options"}, {"title": "No soy yo", "id": "wrong"}]
    lines = [{"id": "fri", "item": "Viernes", "description": "Antes de mediodía"}]
    ask = carrier.template({"twilio/quick-reply": {"body": "Hola {{1}}, ¿hablamos?", "actions": replies}}, **{"1": "amiga"})
    days = carrier.template({"twilio/list-picker": {"body": "¿Qué día?", "button": "Ver días", "items": lines}}, "unsubmitted")
    page, complaints = await open_page(carrier, browser, 1440)
    await open_whatsapp(page, "Inés Ríos")
    await expect(page.get_by_text("Ventana cerrada: solo plantillas")).to_be_visible()

    asked = carrier.send_whatsapp(ines, None, ContentSid=ask, StatusCallback=None).json()["sid"]
    await expect(page.locator(".bubble.theirs").first).to_contain_text("Leído")
    await page.get_by_role("button", name="Ver opciones").click()
    heard = carrier.product.next()
    assert (heard["ButtonPayload"], heard["OriginalRepliedMessageSid"], heard["From"]) == ("options", asked, f"whatsapp:{ines}")
    await expect(page.get_by_text("Ventana abierta hasta")).to_be_visible()

    carrier.send_whatsapp(ines, None, ContentSid=days, StatusCallback=None)
    await expect(page.locator(".mark-line")).to_have_text(["Plantilla", "Lista"])
    await page.get_by_text("Ver días").click()
    await page.get_by_role("button", name="Viernes").click()
    assert carrier.product.next()["ListId"] == "fri"

    await page.get_by_role("button", name="Responder a este mensaje").first.click()
    await page.get_by_label("Mensaje de texto").fill("Sí, dime")
    await page.keyboard.press("Enter")
    heard = carrier.product.next()
    assert (heard["Body"], heard["OriginalRepliedMessageSid"]) == ("Sí, dime", asked)
    await expect(page.locator("blockquote").last).to_have_text("Hola amiga, ¿hablamos?")

    await page.get_by_role("button", name="Adjuntar").click()
    await page.get_by_role("button", name="Comprobante").click()
    assert carrier.product.next()["MediaContentType0"] == "image/png"
    await expect(page.get_by_role("img", name="comprobante.png")).to_be_visible()
    await page.locator("input[type=file]").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    assert carrier.product.next()["MediaContentType0"] == "application/pdf"
    held = carrier.control("inbound", **{"from": f"whatsapp:{ines}", "media": [{"sample": "pdf"}]})["sid"]
    carrier.product.next()
    pdf = carrier.get(f"{MESSAGES}/{held}/Media.json")["media_list"][0]["uri"].removesuffix(".json")
    carrier.send_whatsapp(
        ines, "Palabras que se pierden", MediaUrl=carrier.http.get(pdf, auth=(ACCOUNT, TOKEN)).headers["location"], StatusCallback=None
    )
    carrier.send_whatsapp(ines, "Y estas llegan", StatusCallback=None)
    await expect(page.locator(".bubble", has_text="Y estas llegan")).to_be_visible()
    await expect(page.locator(".bubble", has_text="Palabras que se pierden")).to_have_count(0)
    await page.get_by_role("button", name="Adjuntar").click()
    await page.get_by_role("button", name="Ubicación").click()
    assert carrier.product.next()["MessageType"] == "location"
    await page.close()
    assert complaints == []


async def test_the_phone_is_set_and_templates_are_ruled_on(carrier: Carrier, browser: Browser) -> None:
    luz = "+573004445588"
    carrier.http.post("/_simulator/clients", json=[{"name": "Luz Díaz", "number": luz}]).raise_for_status()
    template = carrier.template({"twilio/text": {"body": "Hola, te saludamos."}}, "pending")
    page, complaints = await open_page(carrier, browser, 1440)
    await open_whatsapp(page, "Luz Díaz")
    await page.get_by_label("Nombre en WhatsApp").fill("Lucecita")
    await page.get_by_role("button", name="Guardar").click()
    await page.get_by_role("switch", name="Sin número").click()
    await expect(page.get_by_role("switch", name="Sin número")).to_have_attribute("aria-checked", "true")
    await page.get_by_role("switch", name="Confirmaciones de lectura").click()
    await expect(page.get_by_role("switch", name="Confirmaciones de lectura")).to_have_attribute("aria-checked", "false")
    await page.get_by_label("Mensaje de texto").fill("Hola")
    await page.keyboard.press("Enter")
    heard = carrier.product.next()
    assert (heard["From"][:12], heard["ProfileName"], "WaId" in dict(heard.fields)) == ("whatsapp:CO.", "Lucecita", False)

    await page.get_by_label("Contesta por sí mismo").select_option("pays")
    await page.get_by_role("button", name="Usar").click()
    await expect(page.get_by_role("link", name="Luz Díaz contesta solo")).to_be_visible()
    await page.get_by_text("Plantillas", exact=True).click()
    await page.get_by_role("button", name="Pausar").first.click()
    await expect(page.locator(".review").first).to_have_text("En pausa")
    await page.get_by_role("button", name="Aprobar").first.click()
    await expect(page.locator(".review").first).to_have_text("Aprobada")
    assert carrier.get("/_simulator/templates")["templates"][0]["sid"] == template
    carrier.http.post("/_simulator/scripts", json=[{"number": luz, "script": ""}]).raise_for_status()
    await page.close()
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390, 320])
async def test_nothing_runs_over_the_edge_and_there_is_a_way_back(carrier: Carrier, browser: Browser, width: int) -> None:
    paz = "+573004445599"
    known = [{"name": "María de la Paz Villalobos Hernández", "number": paz}]
    carrier.http.post("/_simulator/clients", json=known).raise_for_status()
    carrier.control("inbound", **{"from": paz, "channel": "whatsapp", "text": "palabra" * 40, "media": [{"sample": "receipt"}]})
    page, _ = await open_page(carrier, browser, width)

    async def fits() -> bool:
        return bool(await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))

    assert await fits()
    await page.get_by_role("link", name="María de la Paz").click()
    await expect(page.get_by_role("heading", name="María de la Paz")).to_be_visible()
    assert await fits()
    await page.get_by_role("link", name="SMS", exact=True).click()
    assert await fits()
    back = page.get_by_role("link", name="Volver a los clientes")
    if width < 720:
        await back.click()
        await expect(page.get_by_role("searchbox")).to_be_visible()
    else:
        await expect(back).to_be_hidden()
    await page.close()


async def open_whatsapp(page: Page, name: str) -> None:
    """A client's WhatsApp, once it is there."""
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await page.get_by_role("link", name="WhatsApp", exact=True).click()
    await expect(page.get_by_role("link", name="WhatsApp", exact=True)).to_have_attribute("aria-current", "page")
    await expect(page.locator("#device input[name=app]").first).to_have_value("whatsapp")


async def open_page(carrier: Carrier, browser: Browser, width: int) -> tuple[Page, list[str]]:
    """The page in a window of its own, and what the browser complained of."""
    complaints: list[str] = []
    page = await browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(str(carrier.http.base_url))
    return page, complaints


async def test_words_of_the_past_are_not_on_their_way(carrier: Carrier, browser: Browser) -> None:
    alba, yesterday = "+573004445599", time.time() - 86_400
    carrier.http.post("/_simulator/clients", json=[{"name": "Alba Rey", "number": alba}]).raise_for_status()
    words = [{"sid": f"SM{'7' * 32}", "from": alba, "text": "Buenas, ¿cuánto debo?", "at": yesterday}]
    carrier.http.post("/_simulator/past", json=words).raise_for_status()
    page, complaints = await open_page(carrier, browser, 1440)
    await page.get_by_role("searchbox").fill("alba")
    await page.get_by_role("link", name="Alba Rey").click()
    mine = page.locator(".bubble.mine")
    await expect(mine).to_contain_text(["¿cuánto debo?"])
    await expect(mine).to_contain_text(["Recibido por Trato"])
    await page.close()
    assert complaints == []
