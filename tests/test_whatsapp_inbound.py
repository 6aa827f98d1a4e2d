"""WhatsApp's words through the carrier's one door: quotes, presses, places, files, names, and users without a phone, who are nobody we know."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Channel, Listed
from inbox.product import Product
from inbox.reconciling import reconcile
from inbox.worker import reconcile_all
from tests.carrier import another_product, post_receipt, post_signed, queue, send, sid, words_of
from tests.counting import REQUEST, counting
from tests.doors import signed_in
from tests.running import Running
from tests.test_reconciling import NOW, listed

PHONE, OTHER = "+573001234567", "+573009998877"
SCOPED = "CO.1A2b3C"
MOST_STATEMENTS = 8


async def chats(running: Running, text: str = "", sender: str = PHONE, **more: str) -> str:
    """A client writes on WhatsApp; returns the carrier's id once our door has answered."""
    name = more.pop("MessageSid", sid())
    ours = f"whatsapp:{running.settings.twilio_sender}"
    fields = words_of(running, f"whatsapp:{sender}", text, To=ours, MessageSid=name, **more)
    assert (await post_signed(running, fields)).status_code == 200
    return name


async def rosa(running: Running, *channels: str) -> str:
    """A client of ours with this number on these channels."""
    addresses = [{"channel": channel, "value": PHONE} for channel in channels or ("whatsapp",)]
    return str((await running.new_client(addresses=addresses))["id"])


async def details(running: Running) -> list[dict[str, Any]]:
    rows = await running.rows("select detail from entry where org_id = :org and kind = 'message' order by id")
    return [row.detail for row in rows]


async def last(running: Running) -> dict[str, Any]:
    """What is kept of the newest word, beside the number of ours that it came to."""
    detail = (await details(running))[-1]
    assert detail.pop("to") == running.settings.twilio_sender
    return detail


async def strangers(running: Running) -> list[str]:
    rows = await running.rows("select id from debtor where org_id = :org and kind = 'provisional' order by id")
    return [str(row.id) for row in rows]


async def profile_of(running: Running, debtor: str) -> str | None:
    """The profile name that is kept of a client, opened as the product opens it."""
    async with running.product.work() as tx:
        row = await tx.row(
            "select l.id, l.profile_name_sealed, k.key_name, k.wrapped from address_link l join person_key k on k.org_id = l.org_id"
            " and k.person_id = l.debtor_id where l.org_id = :org and l.debtor_id = :debtor",
            debtor=uuid.UUID(debtor),
        )
        assert row is not None
        if row.profile_name_sealed is None:
            return None
        sealed = bytes(row.profile_name_sealed)
        person = tx.person(uuid.UUID(debtor), row.key_name, row.wrapped)
        return person.open("address_link", row.id, "profile_name", sealed)


async def test_what_strangers_call_themselves_is_shown_as_such(running: Running) -> None:
    """In the list, the header and the panel; a name of ours stands before it."""
    await chats(running, "buenas", sender=OTHER, ProfileName="Rosita 🌸")
    (row,) = await running.rows("select id from conversation where org_id = :org and state = 'triage'")
    page = (await (await signed_in(running)).get(f"/c/{row.id}?view=triage")).text
    assert page.count("~ Rosita 🌸") >= 3
    assert "Es el nombre que se da a sí mismo." in page
    client = await rosa(running)
    await chats(running, "hola", ProfileName="La Jefa")
    (known,) = await running.rows("select id from conversation where org_id = :org and debtor_id = :id", id=uuid.UUID(client))
    assert "La Jefa" not in (await (await signed_in(running)).get(f"/c/{known.id}")).text


async def test_a_word_is_kept_under_its_own_channel(running: Running) -> None:
    client = await rosa(running, "sms", "whatsapp")
    await chats(running, "por WhatsApp")
    await running.client_writes(PHONE, "por SMS")
    entries = await running.timeline(client)
    assert [(entry["channel"], entry["text"]) for entry in entries] == [("whatsapp", "por WhatsApp"), ("sms", "por SMS")]
    assert await strangers(running) == []


async def test_a_number_that_we_know_from_another_channel_is_for_a_person_to_recognise(running: Running) -> None:
    client = await rosa(running, "sms")
    await chats(running, "soy yo")
    assert await running.timeline(client) == []
    (stranger,) = await strangers(running)
    assert [entry["text"] for entry in await running.timeline(stranger)] == ["soy yo"]


async def test_a_quote_points_to_our_entry_of_the_same_timeline_only(running: Running) -> None:
    client = await rosa(running, "sms", "whatsapp")
    asked = await queue(running, client, "¿Cuándo puedes pagar?")
    taken = sid()
    await post_receipt(running, asked, taken, "sent")
    await chats(running, "el viernes", OriginalRepliedMessageSid=taken)
    assert await last(running) == {"reply_to": asked}
    own = await chats(running, "o el lunes")
    await chats(running, "mejor este", OriginalRepliedMessageSid=own)
    assert uuid.UUID((await last(running))["reply_to"])
    await chats(running, "curioso", sender=OTHER, OriginalRepliedMessageSid=taken)
    assert await last(running) == {}
    await chats(running, "hola", OriginalRepliedMessageSid=sid())
    assert await last(running) == {}


async def test_what_was_pressed_is_the_text_where_there_is_no_other(running: Running) -> None:
    client = await rosa(running)
    await chats(running, "", ButtonText="Sí, el viernes", ButtonPayload="yes")
    await chats(running, "Dos cuotas", ListTitle="Dos cuotas", ListId="two")
    assert [entry["text"] for entry in await running.timeline(client)] == ["Sí, el viernes", "Dos cuotas"]
    assert [detail["press"] for detail in await details(running)] == [
        {"title": "Sí, el viernes", "id": "yes"},
        {"title": "Dos cuotas", "id": "two", "listed": True},
    ]


async def test_a_button_that_says_stop_is_a_stop(running: Running) -> None:
    client = await rosa(running)
    await chats(running, "", ButtonText="No más mensajes", ButtonPayload="stop")
    events = [row.detail for row in await running.rows("select detail from entry where org_id = :org and kind = 'event'")]
    assert events == [{"event": "opted_out"}]
    assert (await send(running, client, channel="whatsapp")).json()["verdict"]["rule"] == "opt_out_word"


async def test_places_and_forwarded_words(running: Running) -> None:
    await rosa(running)
    await chats(running, Latitude="4.6097", Longitude="-74.0817", Label="Casa")
    assert await last(running) == {"place": {"latitude": 4.6097, "longitude": -74.0817, "label": "Casa"}}
    await chats(running, "mira", Forwarded="true")
    assert await last(running) == {"forwarded": True}


async def test_files_wait_to_be_fetched_and_nobody_reads_where_the_carrier_keeps_them(running: Running) -> None:
    client = await rosa(running)
    urls = [f"{running.simulator_url}/secret/{number}" for number in range(2)]
    media = {
        "NumMedia": "2",
        "MediaUrl0": urls[0],
        "MediaUrl1": urls[1],
        "MediaContentType0": "image/jpeg",
        "MediaContentType1": "audio/ogg",
    }
    name = await chats(running, "", **media)
    await chats(running, "", MessageSid=name, **media)
    rows = await running.rows("select * from attachment where org_id = :org order by position")
    (entry,) = await running.timeline(client)
    assert [(row.state, row.source_url, row.adapter, row.content_type, row.direction) for row in rows] == [
        ("pending", urls[0], "twilio", "image/jpeg", "in"),
        ("pending", urls[1], "twilio", "audio/ogg", "in"),
    ]
    assert {(str(row.entry_id), str(row.person_id)) for row in rows} == {(entry["id"], client)}
    assert await last(running) == {"attachments": [{"content_type": "image/jpeg"}, {"content_type": "audio/ogg"}]}
    assert "secret" not in str(entry)
    assert [one["content_type"] for one in entry["attachments"]] == ["image/jpeg", "audio/ogg"]


async def test_a_profile_name_is_kept_sealed_and_follows_the_client(running: Running) -> None:
    client = await rosa(running)
    for told, kept in (("", None), ("Rosita  M.", "Rosita M."), ("Rosita M.", "Rosita M."), ("", "Rosita M."), ("Rosa 🌻", "Rosa 🌻")):
        await chats(running, "hola", ProfileName=told)
        assert await profile_of(running, client) == kept
    await chats(running, "hola", ProfileName="x" * 5000)
    assert await profile_of(running, client) == "x" * 100
    (row,) = await running.rows("select profile_name_sealed from address_link where org_id = :org")
    assert b"xxx" not in bytes(row.profile_name_sealed)


async def test_a_stranger_comes_with_their_profile_name(running: Running) -> None:
    await chats(running, "¿quiénes son?", ProfileName="Ana")
    (stranger,) = await strangers(running)
    assert await profile_of(running, stranger) == "Ana"


async def test_a_user_without_a_phone_is_a_stranger_whatever_the_carrier_said_of_kin(running: Running) -> None:
    client = await rosa(running)
    for _ in range(2):
        await chats(running, "soy Rosa", ExternalUserId=f"whatsapp:{SCOPED}")
    (kin,) = await running.rows(
        "select a.channel, y.address_id <> y.kin_id as two, (select count(*) from address_link l where l.org_id = y.org_id and l.address_id = y.kin_id)"
        " as links from address_kin y join address a on a.org_id = y.org_id and a.id = y.kin_id where y.org_id = :org"
    )
    assert (kin.channel, kin.two, kin.links) == ("whatsapp", True, 0)
    assert await strangers(running) == []
    for text in ("¿me ven?", "hola"):
        await chats(running, text, sender=SCOPED, ExternalUserId=f"whatsapp:{SCOPED}")
    (stranger,) = await strangers(running)
    assert [entry["text"] for entry in await running.timeline(stranger)] == ["¿me ven?", "hola"]
    assert len(await running.timeline(client)) == 2
    row = (await running.rows("select state from conversation where org_id = :org and debtor_id = :debtor", debtor=uuid.UUID(stranger)))[0]
    assert row.state == "triage"


async def test_ids_that_differ_by_a_letters_case_are_two_people(running: Running) -> None:
    await chats(running, "uno", sender=SCOPED)
    await chats(running, "dos", sender=SCOPED.replace("A", "a"))
    assert len(await strangers(running)) == 2


async def test_twenty_words_at_once_of_a_user_whose_id_we_knew_only_as_kin_make_one_person(running: Running) -> None:
    await rosa(running)
    await chats(running, "soy Rosa", ExternalUserId=f"whatsapp:{SCOPED}")
    await asyncio.gather(*(chats(running, f"hola {number}", sender=SCOPED) for number in range(20)))
    (stranger,) = await strangers(running)
    assert len(await running.timeline(stranger)) == 20


async def test_a_word_begins_the_waiting_and_ends_a_snooze_on_every_screen(running: Running) -> None:
    client = await rosa(running, "sms")
    await running.client_writes(PHONE, "primera")
    async with running.product.work() as tx:
        await tx.run("update conversation set snoozed_until = now() + interval '1 day' where org_id = :org")
    before = await conversation(running)
    await running.client_writes(PHONE, "segunda")
    after = await conversation(running)
    assert (after.waiting_since, after.snoozed_until) == (before.waiting_since, None)
    assert after.card_revision == after.revision == before.revision + 1
    first, _ = await running.timeline(client)
    (row,) = await running.rows("select received_at from entry where org_id = :org and id = :id", id=uuid.UUID(first["id"]))
    assert after.waiting_since == row.received_at


async def test_every_word_opens_the_window_anew_on_screens(running: Running) -> None:
    await rosa(running)
    for _ in range(2):
        await chats(running, "hola")
        row = await conversation(running)
        assert row.card_revision == row.revision


async def conversation(running: Running) -> Any:
    (row,) = await running.rows("select * from conversation where org_id = :org")
    return row


async def test_a_contact_is_noted_with_its_address(running: Running) -> None:
    client = await rosa(running, "sms", "whatsapp")
    await chats(running, "hola")
    rows = await running.rows(
        "select c.debtor_id, c.direction, c.channel, a.channel as at from contact_act c join address a on a.org_id = c.org_id and a.id = c.address_id"
        " where c.org_id = :org"
    )
    assert [(str(row.debtor_id), row.direction, row.channel, row.at) for row in rows] == [(client, "in", "whatsapp", "whatsapp")]


EVERYTHING = {
    "ProfileName": "Ana",
    "ExternalUserId": f"whatsapp:{SCOPED}",
    "NumMedia": "1",
    "MediaUrl0": "http://127.0.0.1:9/x",
    "MediaContentType0": "image/png",
    "OriginalRepliedMessageSid": "SM1",
    "ButtonText": "Sí",
}


@pytest.mark.parametrize("known", [True, False])
async def test_the_richest_word_stays_within_the_budget(running: Running, known: bool) -> None:
    if known:
        await rosa(running)
    for sender, more in ((PHONE, EVERYTHING), (PHONE, EVERYTHING), (SCOPED, EVERYTHING), (SCOPED, EVERYTHING), (OTHER, {})):
        with counting(running.product.db.engine) as counted:
            await chats(running, "hola", sender=sender, **more)
        used = counted.of(REQUEST)
        assert len(used) <= MOST_STATEMENTS, counted.told()
    with counting(running.product.db.engine) as counted:
        await chats(running, "BAJA", sender=PHONE)
    assert len(counted.of(REQUEST)) <= MOST_STATEMENTS, counted.told()


# -- the carrier's list


def in_list(text: str, **more: Any) -> Listed:
    return listed(text, channel=Channel.WHATSAPP, **more)


async def walk(product: Product) -> tuple[int, int]:
    return await reconcile(product, product.adapters[Channel.SMS], let_come=timedelta(0))


async def test_a_word_found_only_in_the_list_is_received_as_whatsapp(running: Running) -> None:
    client = await rosa(running, "sms", "whatsapp")
    async with another_product(running, _never) as (product, carrier):
        await product_walks_from_now(product)
        carrier.rows = [in_list("se perdió")]
        assert await walk(product) == (1, 0)
        assert await walk(product) == (0, 0)
    (entry,) = await running.timeline(client)
    assert (entry["channel"], entry["text"]) == ("whatsapp", "se perdió")


async def test_an_account_with_two_channels_has_one_list_to_walk(running: Running) -> None:
    async with another_product(running, _never) as (product, carrier):
        product.adapters = {Channel.SMS: carrier, Channel.WHATSAPP: carrier}  # type: ignore[dict-item]
        walks = 0

        async def counted(_since: object) -> Any:
            nonlocal walks
            walks += 1
            for row in ():
                yield row

        carrier.listing = counted  # type: ignore[method-assign,assignment]
        await reconcile_all(product)
        assert walks == 1


async def test_an_unanswered_sms_is_not_settled_by_a_whatsapp_of_the_same_words(running: Running) -> None:
    client = await rosa(running, "sms", "whatsapp")
    message = await queue(running, client, "Buenos días")
    async with another_product(running, _never) as (product, carrier):
        async with product.work() as tx:
            await tx.run(
                "update message set state = 'unconfirmed', rank = 20, attempt_at = clock_timestamp() where org_id = :org and id = :id",
                id=uuid.UUID(message),
            )
        row = in_list("Buenos días", inbound=False, sender="+15005550006", recipient=PHONE, carrier_word="sent")
        carrier.rows = [row]
        assert await reconcile(product, product.adapters[Channel.SMS], let_come=NOW) == (0, 0)


async def test_both_channels_are_there_where_the_settings_name_a_sender(running: Running) -> None:
    assert set(running.product.adapters) == {Channel.SMS, Channel.WHATSAPP}
    assert len(running.product.carriers) == 1


async def product_walks_from_now(product: Product) -> None:
    async with product.work() as tx:
        await tx.run("update carrier_walk set until = clock_timestamp() where org_id = :org")


async def _never(_: object) -> Any:
    raise AssertionError("nothing is sent here")
