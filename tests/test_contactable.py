"""Who can be contacted today: the number is what the gate would say one by one, for each reader, and quick over ten thousand clients."""

from __future__ import annotations

import uuid

import asyncpg

from compliance.gate import Contact, foresee, read_facts, read_many_facts
from compliance.switches import lift_kill_switch, set_kill_switch
from inbox.access import Reader, reader_by_token
from inbox.contactable import contactable
from inbox.sending import SENDABLE
from tests.counting import HERE, counting
from tests.doors import open_portfolio, signed_in, some_phone, stranger
from tests.running import Running

MANY = 10_000


async def reader_of(running: Running, who: str) -> Reader:
    async with running.product.work() as tx:
        reader = await reader_by_token(tx, running.tokens[who])
    assert reader is not None
    return reader


async def test_each_reason_is_counted_with_who_and_agrees_with_the_gate(running: Running) -> None:
    free, stopped, wrong = some_phone(), some_phone(), some_phone()
    await running.new_client(free, "Rosa Libre")
    await running.new_client(stopped, "Beatriz Baja")
    await running.client_writes(stopped, "BAJA")
    await running.new_client(wrong, "Nora Nadie")
    await running.new_client(some_phone(), "Sin Dirección", addresses=[])
    both = await running.new_client(
        some_phone(), "Dos Números", addresses=[{"channel": "sms", "value": one} for one in (stopped, some_phone())]
    )
    async with running.product.work() as tx:
        await tx.run("update address set deliverability = 'hard_bounce' where id = (select address_id from address_link l join debtor d"
                     " on d.id = l.debtor_id join conversation c on c.debtor_id = d.id order by c.created_at, c.id offset 2 limit 1)")  # fmt: skip
    admin = await reader_of(running, "admin")
    async with running.product.work() as tx:
        found = await contactable(tx, admin)
    assert (found.total, found.now, found.by_channel["sms"]) == (5, 2, 2), "one open number of two is enough"
    assert {reason.rule: reason.count for reason in found.reasons} == {"opt_out_word": 1, "bad_address": 1, "no_address": 1}
    assert all(reason.samples for reason in found.reasons)
    page = (await (await signed_in(running, "admin")).get("/setup/contactable")).text
    for word in ("Beatriz Baja", "Nora Nadie", "Sin Dirección", "opt_out_word"):
        assert word in page
    assert "Dos Números" not in page
    assert both["id"]


async def test_the_bulk_reader_and_the_gate_know_the_same(running: Running) -> None:
    phones = [some_phone() for _ in range(3)]
    for number, phone in enumerate(phones):
        channels = [{"channel": channel, "value": phone} for channel in ("sms", "whatsapp")]
        await running.new_client(phone, f"Cliente {number}", creditor=("Banco Aurora", "Ajena")[number % 2], addresses=channels)
    await running.client_writes(phones[0], "STOP")
    await running.client_writes(phones[1], "hola")
    async with running.product.work() as tx:
        await set_kill_switch(tx, "whatsapp", "prueba")
        rows = await tx.rows("select l.debtor_id, l.address_id, a.channel from address_link l join address a on a.id = l.address_id")
        many = await read_many_facts(tx, [row.debtor_id for row in rows], [channel.value for channel in SENDABLE])
        for row in rows:
            alone = await read_facts(tx, Contact(row.debtor_id, row.debtor_id, row.channel, row.address_id, ""))
            assert alone in many[row.debtor_id]
            assert alone.as_json() in [one.as_json() for one in many[row.debtor_id]]
        assert sum(map(len, many.values())) == len(rows) == 6


async def test_a_kill_switch_closes_everybody_with_its_reason(running: Running) -> None:
    client = await running.new_client(some_phone())
    admin = await reader_of(running, "admin")
    async with running.product.work() as tx:
        await set_kill_switch(tx, "sms", "orden del juez")
        found = await contactable(tx, admin)
        foreseen = await foresee(tx, uuid.UUID(client["id"]), uuid.UUID(client["addresses"][0]["id"]), "sms")
    assert (found.now, found.reasons[0].rule) == (0, "kill_switch")
    assert foreseen.objection is not None
    assert found.reasons[0].variables == foreseen.objection.variables
    assert "orden del juez" in (await (await signed_in(running, "supervisora")).get("/setup/contactable")).text
    async with running.product.work() as tx:
        await lift_kill_switch(tx, "sms")
        assert (await contactable(tx, admin)).now == 1


async def test_each_reader_counts_their_own_clients(running: Running) -> None:
    await stranger(running)
    await open_portfolio(running, "Tienda Sol", "Equipo Pacífico")
    await running.new_client(some_phone(), "De Aurora")
    await running.new_client(some_phone(), "De Sol", creditor="Tienda Sol")
    for who, total in (("admin", 2), ("supervisora", 1), ("eva", 1)):
        reader = await reader_of(running, who)
        async with running.product.work() as tx:
            assert (await contactable(tx, reader)).total == total, who


async def test_strangers_and_our_own_phones_are_no_clients(running: Running) -> None:
    await running.client_writes(some_phone(), "¿quién es?")
    admin = await signed_in(running, "admin")
    form = {"channel": "sms", "number": "+57 300 765 0002", "client_token": str(uuid.uuid4())}
    assert (await admin.post("/setup/senders/test", form)).status_code == 303
    async with running.product.work() as tx:
        assert (await contactable(tx, await reader_of(running, "admin"))).total == 0


async def test_ten_thousand_clients_are_counted_in_three_statements(running: Running, tables: asyncpg.Pool) -> None:
    await running.new_client(some_phone())
    async with running.product.work() as tx:
        await tx.run(
            "with n as (select gen_random_uuid() as d, gen_random_uuid() as a, i from generate_series(1, :many) i),"
            " p as (select id from creditor where org_id = :org limit 1),"
            " d as (insert into debtor (org_id, id, kind, ref, created_at) select :org, d, 'known', 'N-' || i, :now from n),"
            " k as (insert into person_key (org_id, person_id, created_at) select :org, d, :now from n),"
            " c as (insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_at,"
            " last_inbound_position, read_position, created_at) select :org, gen_random_uuid(), d, 'open', 1, 1, 0, array[p.id], :now, 0, 0, :now"
            " from n, p), a as (insert into address (org_id, id, channel, match_index, deliverability, created_at) select :org, a, 'sms',"
            " sha256(i::text::bytea), case when i % 10 = 0 then 'invalid' else 'good' end, :now from n),"
            " o as (insert into opt_out (org_id, id, address_id, source, wording, at) select :org, gen_random_uuid(), a, 'word', 'BAJA', :now"
            " from n where i % 10 = 1) insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, status, created_at)"
            " select :org, gen_random_uuid(), a, d, '', 'claimed', :now from n",
            many=MANY,
        )
    await tables.execute("analyze debtor, conversation, address, address_link, opt_out")  # as the server does by itself after a while
    admin = await reader_of(running, "admin")
    with counting(running.product.db.engine) as counted:
        async with running.product.db.transaction() as tx:
            found = await contactable(tx, admin)
    assert (found.total, found.now) == (MANY + 1, MANY * 8 // 10 + 1)
    assert {reason.rule: reason.count for reason in found.reasons} == {"bad_address": MANY // 10, "opt_out_word": MANY // 10}
    assert len(counted.of(HERE)) == 3, counted.told()
