"""Receiving: what a client wrote is in the database before the carrier is answered, once, whatever the network, the text or we ourselves do."""

from __future__ import annotations

import asyncio
import json
import traceback
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

import console.webhooks
from base import log
from channels.contract import Inbound
from compliance.optouts import is_doubtful, is_start, is_stop
from debts.cards import AddressCard, DebtorCard
from inbox.clients import record_client
from inbox.receiving import receive
from tests.carrier import MESSAGE, body_of, pending_of, post_raw, post_receipt, post_signed, queue, send, sid, words_of
from tests.doors import signed_in
from tests.running import Running, until
from tests.servers import Servers

PHONE = "+573001234567"
# The carrier keeps opt-outs too, for longer than a test: these numbers are no other test's.
LEAVES, LEFT = "+573005550101", "+573005550102"


async def triage(running: Running) -> list[dict[str, Any]]:
    async with running.api() as api:
        items: list[dict[str, Any]] = (await api.get("/api/v1/conversations?state=triage")).json()["items"]
        return items


async def conversation(running: Running, debtor: str) -> Any:
    return (await running.rows("select * from conversation where org_id = :org and debtor_id = :debtor", debtor=uuid.UUID(debtor)))[0]


async def raw_bytes(running: Running, entry: str) -> bytes:
    async with running.api() as api:
        answer = await api.get(f"/api/v1/messages/{entry}/raw")
        assert answer.status_code == 200, answer.text
        return answer.content


async def actions(running: Running) -> list[str]:
    """What waits for its place in the ledger (no worker seals it here)."""
    return [row.action for row in await pending_of(running)]


async def test_thirty_copies_at_once_are_one_entry_and_all_are_answered(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with running.simulator() as simulator:
        answer = await simulator.post("/_simulator/inbound", json={"from": PHONE, "text": "hola", "copies": 30})
    assert answer.json()["status_codes"] == [200] * 30
    assert [entry["text"] for entry in await running.timeline(client["id"])] == ["hola"]
    assert len(await running.rows("select id from raw_event where org_id = :org")) == 1
    assert len(await running.rows("select id from contact_act where org_id = :org")) == 1
    assert (await actions(running)).count("message.received") == 1


async def test_the_same_id_with_another_body_changes_nothing_and_both_bodies_are_kept(running: Running) -> None:
    client = await running.new_client(PHONE)
    name = sid()
    one, other = (words_of(running, PHONE, text, MessageSid=name) for text in ("pago mañana", "no pago"))
    for fields in (one, other, other, one):
        assert (await post_signed(running, fields)).status_code == 200
    (entry,) = await running.timeline(client["id"])
    assert entry["text"] == "pago mañana"
    flags = await running.rows("select flag from raw_event where org_id = :org order by id")
    assert [row.flag for row in flags] == [None, "other body"]
    assert await raw_bytes(running, entry["id"]) == body_of(one)
    assert (await actions(running)).count("message.contradicted") == 1


async def test_thirty_words_of_a_stranger_make_one_person(running: Running) -> None:
    answers = await asyncio.gather(*(post_signed(running, words_of(running, PHONE, f"hola {n}")) for n in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    (found,) = await triage(running)
    entries = await running.timeline(found["debtor_id"])
    assert sorted(entry["text"] for entry in entries) == sorted(f"hola {n}" for n in range(30))
    assert [entry["position"] for entry in entries] == list(range(1, 31))
    assert len({entry["revision"] for entry in entries}) == 30


async def test_a_word_that_meets_the_recording_of_its_sender_waits_and_finds_them(running: Running) -> None:
    card = DebtorCard(ref="R-1", name="Rosa", addresses=(AddressCard("sms", PHONE, PHONE),))
    async with running.product.work() as tx:
        debtor, _ = await record_client(tx, "system:test", card)
        writing = asyncio.create_task(running.client_writes(PHONE, "¿me oyen?"))
        await until(
            lambda: running.rows("select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
        )
    await writing
    assert [entry["text"] for entry in await running.timeline(str(debtor))] == ["¿me oyen?"]
    assert await triage(running) == []


async def test_a_shared_phone_speaks_for_whom_we_last_wrote_to_else_for_nobody_known(running: Running) -> None:
    rosa, luis = await running.new_client(PHONE, "Rosa"), await running.new_client(PHONE, "Luis")
    await running.client_writes(PHONE, "¿quién es?")
    await running.client_writes(PHONE, "¿hola?")
    (unknown,) = await triage(running)
    assert len(await running.timeline(unknown["debtor_id"])) == 2
    for client in (rosa, luis, rosa):
        await queue(running, client["id"])
        await running.client_writes(PHONE, f"soy {client['id']}")
        assert (await running.timeline(client["id"]))[-1]["text"] == f"soy {client['id']}"


async def test_a_message_that_was_withheld_does_not_count_as_written(running: Running) -> None:
    rosa, luis = await running.new_client(PHONE, "Rosa"), await running.new_client(PHONE, "Luis")
    await queue(running, rosa["id"])
    withheld = await queue(running, luis["id"])
    async with running.product.work() as tx:
        await tx.run("update message set state = 'withheld', rank = 10 where org_id = :org and id = :id", id=uuid.UUID(withheld))
    await running.client_writes(PHONE, "sí")
    assert (await running.timeline(rosa["id"]))[-1]["text"] == "sí"


async def test_both_forms_of_a_number_are_one_address(running: Running) -> None:
    """Brazil's ninth digit, Argentina's 9 and Mexico's 1, whichever form is on file and whichever the carrier names."""
    pairs = [("+55119876543%d1", "+5511876543%d1"), ("+54911223344%d1", "+5411223344%d1"), ("+521551234567%d", "+52551234567%d")]
    for number, (long, short) in enumerate(pairs):
        for on_file, written in (((long % number), (short % number)), ((short % (number + 5)), (long % (number + 5)))):
            client = await running.new_client(on_file, country=None)
            for phone in (written, on_file):
                assert (await post_signed(running, words_of(running, phone, "oi"))).status_code == 200
            assert len(await running.timeline(client["id"])) == 2, (on_file, written)
    assert await triage(running) == []


WILD = {
    "nul": (b"antes\x00despu\xc3\xa9s", "antesdespués"),
    "not utf-8": (b"\xff\xfe roto \xc3", "\ufffd\ufffd roto \ufffd"),
    "surrogate": (b"suelto \xed\xa0\xbd fin", "suelto \ufffd\ufffd\ufffd fin"),
    "hostile": ("ñandú 👩‍👩‍👧 \u202ederecha <script>alert(1)</script> %s {{7*7}} :org".encode(),) * 2,
    "empty": (b"", ""),
    "64 kilobytes": ("é".encode() * 32_768, "é" * 32_768),
}


async def test_wild_texts_are_kept_as_they_came_and_shown_as_far_as_can_be(running: Running) -> None:
    client = await running.new_client(PHONE)
    for number, (body, shown) in enumerate(WILD.values()):
        fields = words_of(running, PHONE, body)
        assert (await post_signed(running, fields)).status_code == 200
        entry = (await running.timeline(client["id"]))[number]
        assert entry["text"] == (shown if isinstance(shown, str) else shown.decode())
        assert await raw_bytes(running, entry["id"]) == body_of(fields)


async def test_a_sender_that_is_no_number_is_a_person_too(running: Running) -> None:
    for sender in ("85432", "Mi Banco\x00", "x" * 254):
        assert (await post_signed(running, words_of(running, sender, "aviso"))).status_code == 200
    assert len(await triage(running)) == 3


async def test_raw_bytes_are_sealed_and_reading_them_is_written_down(running: Running) -> None:
    client = await running.new_client(PHONE)
    await running.client_writes(PHONE, "mi secreto es canario")
    (row,) = await running.rows("select sealed from raw_event where org_id = :org")
    assert b"canario" not in bytes(row.sealed)
    (entry,) = await running.timeline(client["id"])
    assert b"canario" in await raw_bytes(running, entry["id"])
    assert "message.raw_read" in await actions(running)


SPOILED: dict[str, dict[str, str]] = {
    "no sender": {"From": ""},
    "no id": {"MessageSid": "../../etc"},
    "other account": {"AccountSid": "AC" + "0" * 32},
    "other channel": {"From": f"carrierpigeon:{PHONE}"},
    "long sender": {"From": "x" * 300},
}


async def test_a_genuine_request_that_cannot_be_read_waits_in_quarantine_once(running: Running) -> None:
    for number, spoiled in enumerate(SPOILED.values(), 1):
        fields = words_of(running, PHONE, "hola", **spoiled)  # type: ignore[arg-type]
        answers = await asyncio.gather(*(post_signed(running, fields) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        rows = await running.rows("select door, reason, raw_id from quarantine where org_id = :org order by id")
        assert len(rows) == number
        assert rows[-1].door == "twilio/message"
        assert rows[-1].reason
        assert await _opened_from_quarantine(running, rows[-1].raw_id) == body_of(fields)
    told = [one for one in await pending_of(running) if one.action == "request.quarantined"]
    assert len(told) == len(SPOILED)
    assert PHONE[1:] not in str(told)
    assert "carrierpigeon" not in str(told)


async def _opened_from_quarantine(running: Running, raw_id: uuid.UUID) -> bytes:
    async with running.product.db.transaction() as tx:
        row = await tx.row(
            "select r.sealed, k.key_name, k.wrapped from raw_event r join person_key k on k.org_id = r.org_id and k.person_id = r.org_id"
            " where r.org_id = :org and r.id = :id",
            id=raw_id,
        )
        assert row is not None
        return tx.person(tx.org, row.key_name, row.wrapped).open_bytes("raw_event", raw_id, "sealed", row.sealed)


async def test_what_we_fail_to_record_is_quarantined_before_the_carrier_is_answered(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await running.new_client(PHONE)

    async def broken(tx: Any, inbound: Inbound, raw: bytes) -> None:
        await receive(tx, inbound, raw)
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(console.webhooks, "receive", broken)
    assert (await post_signed(running, words_of(running, PHONE, "hola"))).status_code == 200
    assert await running.timeline(client["id"]) == []
    (row,) = await running.rows("select reason from quarantine where org_id = :org")
    assert row.reason == "could not be recorded: RuntimeError"


async def test_without_a_database_the_carrier_is_told_to_come_again(running: Running, servers: Servers) -> None:
    """Not one 2xx without durability, while PostgreSQL is torn away amid thirty deliveries and brought back."""
    client = await running.new_client(PHONE)
    told = [words_of(running, PHONE, f"hola {n}") for n in range(30)]
    for fields in told[:5]:
        assert (await post_signed(running, fields)).status_code == 200
    posts = [asyncio.create_task(post_signed(running, fields)) for fields in told[5:25]]
    await asyncio.to_thread(servers.stop_postgres, "immediate")
    try:
        first = [(await post).status_code for post in posts]
        away = [(await post_signed(running, fields)).status_code for fields in told[25:]]
    finally:
        await asyncio.to_thread(servers.start_postgres)
    assert set(first) <= {200, 503}
    assert away == [503] * 5

    async def back() -> bool:
        async with running.api() as api:
            return (await api.get(f"/api/v1/debtors/{client['id']}")).status_code == 200

    await until(back)
    kept = {entry["text"] for entry in await running.timeline(client["id"])}
    assert {f"hola {n}" for n in range(5)} | {f"hola {n}" for n, code in enumerate(first, 5) if code == 200} <= kept
    answers = await asyncio.gather(*(post_signed(running, fields) for fields in told))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(entry["text"] for entry in await running.timeline(client["id"])) == sorted(f"hola {n}" for n in range(30))


async def test_what_is_learnt_of_a_shared_phone_reaches_the_screens_of_all_who_share_it(running: Running) -> None:
    """Their composers show the address as open or closed, so their conversations get a new revision too."""
    rosa, luis = await running.new_client(PHONE, "Rosa"), await running.new_client(PHONE, "Luis")
    message = await queue(running, rosa["id"])
    for step in (
        running.client_writes(PHONE, "BAJA"),
        running.client_writes(PHONE, "ALTA"),
        post_receipt(running, message, sid(), "undelivered", "30005"),
        post_receipt(running, message, sid(), "delivered"),
    ):
        before = await conversation(running, luis["id"])
        await step
        after = await conversation(running, luis["id"])
        assert after.card_revision == after.revision == before.revision + 1
    assert await running.timeline(luis["id"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "BAJA",
        "stop",
        " Baja. ",
        "no más",
        "NO ME ESCRIBAN MÁS!",
        "Sair",
        "dar de baja",
        "Por favor, parem de me escrever!",
        "no more texts, please",
        "Hola, no quiero recibir más mensajes, gracias",
        "Não quero mais receber mensagens, por favor.",
        "Don’t text me",
        "Por favor ya no me escriban más a este número, gracias",
        "ya no me escriba más por aquí",
        "Não me mandem mais mensagens neste número",
    ],
)
def test_words_that_close_an_address(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "CANCELAR",
        "quiero cancelar mi deuda hoy",
        "no puedo parar de pensar en la deuda",
        "bajar la cuota",
        "ya pagué, gracias",
        "no me escribieron a este número",
        "alta",
        "",
        "por favor",
        "gracias",
    ],
)
def test_words_that_do_not(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "CANCELAR",
        "ya les dije que quiero darme de baja",
        "dejen de escribirme a toda hora",
        "no me escriban al trabajo",
        "número equivocado",
        "mejor que nadie me siga escribiendo por ahora",
        "prefiro que ninguém me escreva",
    ],
)
def test_words_that_a_person_must_judge(text: str) -> None:
    assert is_doubtful(text)
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "quiero cancelar mi deuda hoy",
        "no me llegaron más mensajes",
        "no quiero recibir la factura",
        "no me escribieron ayer",
        "BAJA",
        "¿me bajan la cuota?",
        "no quiero perder el mensaje",
        "não quero receber a fatura em papel",
        "escríbanme más tarde por favor",
        "voy a salir de viaje",
        "nadie me mandó el enlace",
        "ninguém me ligou",
    ],
)
def test_words_that_nobody_must_judge(text: str) -> None:
    assert not is_doubtful(text)


async def test_the_simulators_ten_ways_to_say_stop_close_the_address_or_ask_a_person(running: Running) -> None:
    (stop,) = (one for one in json.loads(Path("simulator/scripts.json").read_text()) if one["name"] == "stop")
    ways = stop["rules"][0]["say"][0]["text"]
    assert len(ways) == 10
    ana = await signed_in(running)
    for number, text in enumerate(ways):
        phone = f"+5730055501{number + 10}"
        client = await running.new_client(phone)
        assert (await post_signed(running, words_of(running, phone, text))).status_code == 200
        page = (await ana.get(f"/c/{client['conversation_id']}?view=unassigned")).text
        asked = "Quizá pide que no le escriban más.</span><button" in page
        row = page.partition(f'id="q-{client["conversation_id"]}"')[2].partition("</li>")[0]
        assert ("¿Baja?" in row) == asked
        rule = None if (answer := await send(running, client["id"])).status_code == 202 else answer.json()["verdict"]["rule"]
        assert (rule, asked) == (("opt_out_doubt", True) if text == "CANCELAR" else ("opt_out_word", False)), text


def test_words_that_open_it_again() -> None:
    assert [is_start(text) for text in ("ALTA", "start", "la deuda es alta")] == [True, True, False]


async def test_opting_out_and_in_again_are_events_and_heeded_at_once(running: Running) -> None:
    client = await running.new_client(LEAVES)
    await running.client_writes(LEAVES, "quiero cancelar mi deuda hoy")
    assert (await send(running, client["id"])).status_code == 202
    await asyncio.gather(*(running.client_writes(LEAVES, text) for text in ("BAJA", "stop")))
    assert (await send(running, client["id"])).json()["verdict"]["rule"] == "opt_out_word"
    await running.client_writes(LEAVES, "ALTA")
    assert (await send(running, client["id"])).status_code == 202
    events = await running.rows("select detail ->> 'event' as event from entry where org_id = :org and kind = 'event' order by position")
    assert [row.event for row in events if row.event.startswith("opted")] == ["opted_out", "opted_in"]
    assert (await actions(running)).count("address.opted_out") == 1
    assert (await actions(running)).count("address.opted_in") == 1


async def test_the_carriers_own_opt_out_counts_whatever_the_text(running: Running) -> None:
    client = await running.new_client(LEFT)
    await running.client_writes(LEFT, "palabra propia", opt_out_type="STOP")
    assert (await send(running, client["id"])).status_code == 422


async def test_a_closed_conversation_opens_with_the_clients_next_word(running: Running) -> None:
    """Those of people we know become open; those of strangers go back to triage, where somebody has to find out who they are."""
    known, stranger = (await running.new_client(PHONE))["id"], "+573118887766"
    for phone in (PHONE, stranger):
        await running.client_writes(phone, "gracias")
    unknown = (await triage(running))[0]["debtor_id"]
    for debtor, phone, state in ((known, PHONE, "open"), (unknown, stranger, "triage")):
        row = await conversation(running, debtor)
        async with running.product.work() as tx:
            await tx.run("update conversation set state = 'closed' where org_id = :org and id = :id", id=row.id)
        await running.client_writes(phone, "una pregunta más")
        again = await conversation(running, debtor)
        assert again.state == state
        assert again.card_revision == again.revision > row.revision


async def test_a_forged_word_is_refused_and_written_into_the_ledger(running: Running) -> None:
    client = await running.new_client(PHONE)
    async with running.simulator() as simulator:
        for forge in ("signature", "body", "token", "missing", "double"):
            answer = await simulator.post("/_simulator/inbound", json={"from": PHONE, "text": "falso", "forge": forge})
            assert set(answer.json()["status_codes"]) == {403}, forge
    assert await running.timeline(client["id"]) == []
    assert "webhook.forged" in await actions(running)


async def test_a_body_in_json_is_forged_not_a_fault(running: Running) -> None:
    answer = await post_raw(running, b'{"Body":"x"}', MESSAGE, {"content-type": "application/json", "x-twilio-signature": "x"})
    assert answer.status_code == 403


async def test_a_body_beyond_every_limit_is_refused(running: Running) -> None:
    answer = await post_signed(running, words_of(running, PHONE, "x" * 1_100_000))
    assert answer.status_code == 413


async def test_what_is_logged_of_an_error_quotes_nobody(running: Running) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with running.product.db.transaction() as tx:
            await tx.run(
                "insert into quarantine (org_id, id, door, reason) values (:org, :org, :phone, :word)", phone=PHONE, word="canario"
            )
    error = caught.value
    assert PHONE in "".join(traceback.format_exception(error)), "without care it would be in the log"
    told = log._trace((type(error), error, error.__traceback__))
    assert "23502" in told
    assert PHONE not in told
    assert "canario" not in told
