"""Files: fetched once they are there, never trusted by their name, sealed, seen only with their entry, and sent through links that end."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, expect

import inbox.fetching
from channels.contract import CarrierError, Fetched, Refused, TryAgain
from inbox import filetypes
from inbox.fetching import fetch_due
from inbox.media_links import VALID_FOR, attachment_url
from inbox.timeline import NewEntry, append, lock_thread
from tests.desk import sign_in
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.files import OGG, PDF, announced, fetched, keeping, photo, row_of
from tests.running import Running, until
from tests.test_whatsapp_inbound import chats


async def test_a_file_is_fetched_sealed_and_shown(house: Running) -> None:
    client, attachment = await fetched(house, photo())
    ana = await signed_in(house)
    page = (await ana.get(f"/c/{client['conversation_id']}")).text
    assert f'data-photo="/media/{attachment}"' in page
    answer = await ana.get(f"/media/{attachment}")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert b"Camera of Rosa" not in answer.content
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("inline")
    sealed = (await house.rows("select sealed from blob where org_id = :org and id = :id", id=attachment))[0].sealed
    assert answer.content not in bytes(sealed)


async def test_what_is_not_there_yet_is_asked_for_again_and_then_shown_as_lost(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox.fetching, "_RETRY_SECONDS", (600,) * 7)
    gone = Refused(CarrierError("media-gone", "The carrier no longer keeps the attachment."))
    client, (attachment,) = await announced(house, "application/pdf")
    ana = await signed_in(house)
    async with keeping(house, gone, TryAgain("busy"), Fetched(PDF, "application/pdf")) as (product, keeper):
        assert await fetch_due(product) == 1
        assert await fetch_due(product) == 0, "not at once again"
        assert (await row_of(house, attachment)).state == "pending"
        assert "Buscando el archivo" in (await ana.get(f"/c/{client['conversation_id']}")).text

        for asked in (2, 3):
            async with product.work() as tx:
                await tx.run("update attachment set retry_at = clock_timestamp() where org_id = :org and id = :id", id=attachment)
            assert await fetch_due(product) == 1
            assert len(keeper.asked) == asked
    assert (await row_of(house, attachment)).state == "kept"
    answer = await ana.get(f"/media/{attachment}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_file_that_is_too_large_is_lost_at_once_and_may_be_asked_for_again(house: Running) -> None:
    large = Refused(CarrierError("media-size", "The attachment is larger than what we keep."))
    client, (attachment,) = await announced(house, "image/jpeg")
    ana = await signed_in(house)
    async with keeping(house, large, Fetched(photo(), "image/jpeg")) as (product, _):
        assert await fetch_due(product) == 1
        assert (await row_of(house, attachment)).state == "failed"
        page = (await ana.get(f"/c/{client['conversation_id']}")).text
        assert "Intentar de nuevo" in page or "Reintentar" in page
        assert (await ana.get(f"/media/{attachment}")).status_code == 404
        door = f"/c/{client['conversation_id']}/attachments/{attachment}/again"
        revisora = await signed_in(house, "revisora")
        assert (await revisora.post(door)).status_code == 403
        assert (await ana.post(door)).status_code == 204
        assert (await ana.post(door)).status_code == 409
        assert await fetch_due(product) == 1
    assert (await row_of(house, attachment)).state == "kept"


async def test_a_worker_that_never_came_back_is_outlived_and_cannot_write_any_more(house: Running) -> None:
    _, (attachment,) = await announced(house, "image/jpeg")
    async with keeping(house, Fetched(photo(), "image/jpeg")) as (product, _):
        async with product.work() as tx:
            await tx.run(
                "update attachment set attempts = attempts + 1, retry_at = clock_timestamp() where org_id = :org and id = :id",
                id=attachment,
            )
        assert await fetch_due(product) == 1
    assert (await row_of(house, attachment)).attempts == 2
    assert (await row_of(house, attachment)).state == "kept"


async def test_only_who_sees_the_entry_sees_its_file(house: Running) -> None:
    client, attachment = await fetched(house, photo())
    await stranger(house, "eva", team="Equipo Lejano")
    await open_portfolio(house, "Banco Lejano", "Equipo Lejano")
    ana, eva = await signed_in(house), await signed_in(house, "eva")
    assert (await ana.get(f"/media/{attachment}")).status_code == 200
    for visitor, path in ((eva, f"/media/{attachment}"), (ana, f"/media/{NOBODY}")):
        assert (await visitor.get(path)).status_code == 404
    assert (await Visitor(house).get(f"/media/{attachment}")).status_code in (303, 401)
    async with house.product.work() as tx:
        other = await tx.value("select id from creditor where org_id = :org and name = 'Banco Lejano'")
        await tx.run(
            "update entry set creditor_id = :other where org_id = :org and id = (select entry_id from attachment where id = :id)",
            other=other,
            id=attachment,
        )
    assert (await ana.get(f"/media/{attachment}")).status_code == 404, "the conversation is hers, this entry is not"
    assert client


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-3", 206, OGG[:4]),
        ("bytes=10-", 206, OGG[10:]),
        ("bytes=-5", 206, OGG[-5:]),
        (f"bytes={len(OGG) - 1}-999999", 206, OGG[-1:]),
        (f"bytes={len(OGG)}-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=5-2", 200, OGG),
        ("bytes=0-1,3-4", 200, OGG),
        ("words=0-1", 200, OGG),
    ],
)
async def test_voice_notes_are_played_in_parts(house: Running, wanted: str, status: int, part: bytes) -> None:
    _, attachment = await fetched(house, OGG, "audio/ogg")
    answer = await (await signed_in(house)).get(f"/media/{attachment}", range=wanted)
    assert (answer.status_code, answer.content) == (status, part)
    if status == 206:
        start = OGG.index(part) if len(part) > 5 or wanted == "bytes=0-3" else len(OGG) - len(part)
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(OGG)}"


async def upload(ana: Visitor, conversation: str, content: bytes, name: str = "foto.jpg", **fields: Any) -> httpx.Response:
    headers = {"origin": ana.running.url, "x-csrf-token": ana.csrf}
    files = {"file": (name, content, "image/jpeg")}
    return await ana.ask("POST", f"/c/{conversation}/attachments", headers=headers, files=files, data=fields)


async def test_an_upload_waits_with_its_agent_until_it_is_sent(house: Running) -> None:
    client = await house.new_client(some_phone())
    conversation = client["conversation_id"]
    ana, luis = await signed_in(house), await signed_in(house, "luis")
    answer = await upload(ana, conversation, photo(), "../..\\Recibo de pago.exe")
    assert answer.status_code == 201, answer.text
    assert "Recibo de pago.jpg" in answer.text
    attachment = answer.text.split('value="')[1].split('"')[0]
    assert (await ana.get(f"/media/{attachment}")).status_code == 200
    assert (await luis.get(f"/media/{attachment}")).status_code == 404
    link = attachment_url(house.settings, uuid.UUID(attachment), house.product.db.clock.now())
    async with httpx.AsyncClient(timeout=60, verify=False) as carrier:
        assert (await carrier.get(link)).status_code == 404, "not sent yet"
    path = f"/c/{conversation}/attachments/{attachment}"
    theirs = {"origin": house.url, "x-csrf-token": luis.csrf}
    assert (await luis.ask("DELETE", path, headers=theirs)).status_code == 404
    assert (await ana.ask("DELETE", path, headers={"origin": house.url, "x-csrf-token": ana.csrf})).status_code == 200
    assert (await ana.get(f"/media/{attachment}")).status_code == 404
    assert not await house.rows("select id from blob where org_id = :org and id = :id", id=uuid.UUID(attachment))


async def test_words_go_with_pictures_and_not_with_other_files(house: Running) -> None:
    """The carrier delivers words as a picture's caption; beside a document or a voice note they would be lost without a sign."""
    phone = some_phone()
    client = await house.new_client(phone, addresses=[{"channel": "whatsapp", "value": phone}])
    await chats(house, "¿me manda el paz y salvo?", sender=phone)
    ana = await signed_in(house)
    for content, text, status in ((PDF, "Aquí está", 422), (OGG, "Escucha", 422), (PDF, "", 200), (photo(), "Mira", 200)):
        answer = await upload(ana, client["conversation_id"], content)
        form = {
            "text": text,
            "channel": "whatsapp",
            "client_token": str(uuid.uuid4()),
            "seen_revision": "99",
            "attachment": answer.text.split('value="')[1].split('"')[0],
        }
        sent = await ana.post(f"/c/{client['conversation_id']}/messages", form)
        assert sent.status_code == status, (text, sent.text)
        assert ("nvía primero las palabras" in sent.text) == (status == 422)


async def test_files_that_were_left_behind_bar_no_others(house: Running) -> None:
    client = await house.new_client(some_phone())
    ana, conversation = await signed_in(house), client["conversation_id"]

    async def kept(*beside: str) -> str:
        answer = await upload(ana, conversation, photo(), attachment=list(beside))
        assert answer.status_code == 201, answer.text
        return str(answer.text.split('value="')[1].split('"')[0])

    drafted = await kept()
    draft = {"text": "Aquí va", "mode": "message", "channel": "whatsapp", "attachment": drafted}
    assert (await ana.post(f"/c/{conversation}/draft", draft)).status_code == 200
    for _ in range(9):
        await kept()
    here = await kept()

    async def stored() -> set[str]:
        sql = "select x.id from attachment x join blob b on b.org_id = x.org_id and b.id = x.id where x.org_id = :org and x.person_id = :person"
        return {str(row.id) for row in await house.rows(sql, person=uuid.UUID(client["id"]))}

    assert await stored() == {drafted, here}, "the draft's own file is kept"
    more = [here, *[await kept(here) for _ in range(8)]]
    full = await upload(ana, conversation, photo(), attachment=more)
    assert full.status_code == 422
    assert full.headers["x-problem"]
    assert await stored() == {drafted, *more}


async def test_what_a_channel_does_not_take_is_refused_with_the_reason(house: Running) -> None:
    client = await house.new_client(some_phone())
    conversation = client["conversation_id"]
    ana, revisora = await signed_in(house), await signed_in(house, "revisora")
    for content, channel in (
        (photo(), "sms"),
        (b"MZ\x90\x00", "whatsapp"),
        (b"", "whatsapp"),
        (b"\xff\xd8\xff", "whatsapp"),
        (photo(), "pigeon"),
    ):
        answer = await upload(ana, conversation, content, channel=channel)
        assert answer.status_code == 422, answer.text
        assert answer.headers["x-problem"]
    assert (await upload(ana, conversation, PDF + bytes(filetypes.MOST_BYTES), "x.pdf")).status_code in (413, 422)
    assert (await upload(revisora, conversation, photo())).status_code == 403
    assert (await upload(ana, NOBODY, photo())).status_code == 404


async def test_a_carriers_link_is_good_for_one_file_and_ends(house: Running) -> None:
    client = await house.new_client(some_phone())
    ana = await signed_in(house)
    answer = await upload(ana, client["conversation_id"], photo())
    attachment = uuid.UUID(answer.text.split('value="')[1].split('"')[0])
    async with house.product.work() as tx:
        thread = await lock_thread(tx, uuid.UUID(client["id"]))
        entry = NewEntry(kind="note", text="")
        await append(tx, thread, entry)
        await tx.run("update attachment set entry_id = :entry where org_id = :org and id = :id", entry=entry.id, id=attachment)
    _, inbound = await fetched(house, photo())
    now = house.product.db.clock.now()
    link = attachment_url(house.settings, attachment, now)
    forged = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
    async with httpx.AsyncClient(timeout=60, verify=False) as carrier:
        good = await carrier.get(link)
        assert (good.status_code, good.headers["content-type"]) == (200, "image/jpeg")
        for bad in (
            forged,
            f"{house.url}/m/x",
            f"{house.url}/m/{'A' * 51}",
            f"{house.url}/m/é",
            attachment_url(house.settings, attachment, now - VALID_FOR - timedelta(seconds=2)),
            attachment_url(house.settings, inbound, now),
        ):
            assert (await carrier.get(bad)).status_code == 404, bad


async def test_a_photo_opens_large_and_focus_comes_back(running: Running, context: BrowserContext) -> None:
    client, attachment = await announced(running, "image/jpeg")
    page = await sign_in(context, running, "ana", f"/c/{client['conversation_id']}?view=team")
    await expect(page.locator(".file-chip.waiting")).to_be_visible()
    async with keeping(running, Fetched(photo(size=(900, 600)), "image/jpeg")) as (product, _):
        await fetch_due(product)
    button = page.locator(f'[data-photo="/media/{attachment[0]}"]')
    await expect(button).to_be_visible()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#lightbox")).to_be_visible()
    loaded = "document.getElementById('lightbox-photo').naturalWidth"
    await until(lambda: page.evaluate(loaded))
    await page.keyboard.press("Escape")
    await expect(page.locator("#lightbox")).to_be_hidden()
    await expect(button).to_be_focused()
