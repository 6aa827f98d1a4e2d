"""Clients are found by what people know of them: how a name begins, how a number ends, a reference; the nearest to the reader first."""

from __future__ import annotations

import re
from typing import Any

import pytest

from debts.names import index_starts
from inbox.access import reader_by_token
from inbox.indexing import index_due
from inbox.matching import search_clients
from tests.carrier import post_signed, words_of
from tests.doors import open_portfolio, signed_in, stranger
from tests.running import Running

PHONE = "+525550140156"


async def found(running: Running, text: str, who: str = "ana") -> list[str]:
    """The paths of the clients that the palette finds for a text, in its order."""
    reader = await signed_in(running, who)
    page = await reader.get(f"/palette?q={text}")
    assert page.status_code == 200, page.text
    return re.findall(r'href="/c/([0-9a-f-]+)"', page.text)


@pytest.mark.parametrize(
    "text", ["Guad", "herna", "hernández", "GUADALUPE HER", "her guad", "guadalupe h", "0156", "40 156", "4015 6", "50140156", "5550140156"]
)
async def test_a_client_is_found_by_the_beginnings_of_a_name_and_the_end_of_a_number(running: Running, text: str) -> None:
    client = await running.new_client(PHONE, "Guadalupe Hernández Ramírez")
    await running.new_client("+525550140199", "Rosa Herrera")
    await stranger(running)
    await open_portfolio(running, "Banco Pacífico", "Equipo Pacífico")
    assert await found(running, text) == [client["conversation_id"]]
    assert await found(running, text, "eva") == [], "of a portfolio that Eva does not serve"


@pytest.mark.parametrize("text", ["gu", "alupe", "guadalupez", "guad lopez", "guadalupe x", "156", "0157", "0156a", "015"])
async def test_what_only_looks_like_a_client_finds_nobody(running: Running, text: str) -> None:
    await running.new_client(PHONE, "Guadalupe Hernández Ramírez")
    assert await found(running, text) == []


async def test_an_unknown_sender_is_found_by_the_end_of_the_number(running: Running) -> None:
    assert (await post_signed(running, words_of(running, "+573119998877", "Hola"))).status_code == 200
    [triage] = await running.rows("select id from conversation where org_id = :org")
    assert await found(running, "8877") == [str(triage.id)]


async def test_references_of_a_client_a_debt_and_its_payments_are_found(running: Running) -> None:
    client = await running.new_client(PHONE, "Guadalupe Hernández")
    await running.rows("update debtor set ref = 'BA-00155' where org_id = :org returning id")
    await running.rows("update debt set ref = 'CO-77-A', payment_reference = 'PAGO-8801' where org_id = :org returning id")
    await stranger(running)
    await open_portfolio(running, "Banco Pacífico", "Equipo Pacífico")
    for text in ("BA-00155", "ba-00155", "CO-77-A", "co-77-a", "PAGO-8801", "pago-8801"):
        assert await found(running, text) == [client["conversation_id"]], text
        assert await found(running, text, "eva") == [], text


async def test_the_readers_own_come_first_then_those_who_wait(running: Running) -> None:
    names = {"other": "Marta Ríos", "waits": "Mariana Paz", "own": "Martina Gil", "exact": "Mar Vega"}
    made = {key: await running.new_client(f"+57300111220{number}", name) for number, (key, name) in enumerate(names.items())}
    await running.client_writes("+573001112201", "buenas")
    ana = await signed_in(running)
    assert (await ana.post(f"/c/{made['own']['conversation_id']}/claim")).status_code == 200
    # Whoever was heard of last would come first without their nearness.
    await running.rows("update conversation set last_at = now() + interval '1 hour' where org_id = :org and waiting_since is null"
                       " and assigned_agent_id is null returning id")  # fmt: skip
    paths = {made[key]["conversation_id"]: key for key in made}
    assert [paths[path] for path in await found(running, "mar")] == ["own", "waits", "exact", "other"]
    assert [paths[path] for path in await found(running, made["other"]["ref"])] == ["other"]


async def test_a_name_that_several_have_is_told_apart(running: Running) -> None:
    one, other = await running.new_client(PHONE, "Rosa Gil"), await running.new_client("+525550140199", "Rosa Gil")
    page = (await (await signed_in(running)).get("/palette?q=rosa")).text
    for client, end in ((one, "56"), (other, "99")):
        line = re.search(rf'href="/c/{client["conversation_id"]}".*?option-detail">([^<]*)<', page, re.DOTALL)
        assert line is not None
        assert client["ref"] in line[1]
        assert line[1].split(" · ")[1].endswith(end)


async def test_who_was_recorded_before_is_made_findable_some_at_a_time(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.indexing.BATCH", 2)
    names = ("Guadalupe Hernández", "Rosa Márquez", "Héctor Peña")
    made = [await running.new_client(f"+5255501401{number}", name) for number, name in zip((56, 57, 58), names, strict=True)]
    parts = await _parts(running)
    await running.rows("update debtor set name_starts = null where org_id = :org returning id")
    await running.rows("update address_link set number_ends = null where org_id = :org returning id")
    assert await found(running, "guad") == await found(running, "0156") == []
    assert await found(running, "guadalupe") == [made[0]["conversation_id"]], "by a whole name as ever"
    assert await index_due(running.product) == len(parts[0]) + len(parts[1])
    assert await _parts(running) == parts
    assert await index_due(running.product) == 0
    assert await found(running, "guad") == await found(running, "0156") == [made[0]["conversation_id"]]


async def _parts(running: Running) -> tuple[dict[Any, set[bytes]], dict[Any, set[bytes]]]:
    names = await running.rows("select id, name_starts as parts from debtor where org_id = :org")
    numbers = await running.rows("select id, number_ends as parts from address_link where org_id = :org")
    return {row.id: set(row.parts) for row in names}, {row.id: set(row.parts) for row in numbers}


async def test_who_was_erased_is_not_looked_at_again(running: Running) -> None:
    await running.new_client(PHONE, "Guadalupe Hernández")
    await running.rows("update debtor set name_starts = null where org_id = :org returning id")
    await running.rows("update person_key set wrapped = null where org_id = :org returning person_id")
    assert await index_due(running.product) == 1
    assert await index_due(running.product) == 0
    assert [list(row.name_starts) for row in await running.rows("select name_starts from debtor where org_id = :org")] == [[]]


async def test_the_first_of_many_are_the_readers_own(running: Running) -> None:
    """More people begin alike than are ever opened, and the reader's own is among the oldest of them."""
    client = await running.new_client(PHONE, "Guadalupe Hernández")
    ana = await signed_in(running)
    assert (await ana.post(f"/c/{client['conversation_id']}/claim")).status_code == 200
    async with running.product.work() as tx:
        await tx.run(
            "with n as (select i, gen_random_uuid() as d from generate_series(1, 600) i), d as (insert into debtor (org_id, id, kind, ref, name_starts,"
            " created_at) select :org, d, 'known', 'N-' || i, cast(:starts as bytea[]), :now from n), k as (insert into person_key (org_id, person_id,"
            " key_name, wrapped, created_at) select :org, d, null, null, :now from n)"
            " insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_at, last_inbound_position,"
            " read_position, created_at) select :org, d, d, 'open', 1, 1, 0, '{}', now() + interval '1 day', 0, 0, :now from n",
            starts=index_starts(tx, "Guadalupe"),
        )
        reader: Any = await reader_by_token(tx, running.tokens["ana"])
        first = (await search_clients(tx, reader, "guad", 7))[0]
    assert str(first.conversation_id) == client["conversation_id"]
