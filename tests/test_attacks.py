"""What somebody who means harm would try at the desk: ids of others under one's own address, rights that end, two at once, twice the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import console.live_presence
import inbox.merging
from base.errors import Conflict
from inbox.access import Reader, access_conversation, reader_by_token
from inbox.identifying import NewPerson, identify_as, make_known
from staff.models import Role
from staff.people import put_in_teams
from tests.carrier import pending_of
from tests.doors import NOBODY, Visitor, open_portfolio, signed_in, some_phone, stranger
from tests.files import kept_file
from tests.running import Running

AURORA, SOL = "Banco Aurora", "Almacén Sol"
_sessions: dict[str, Visitor] = {}


@pytest.fixture
async def desk(house: Running) -> dict[str, Visitor]:
    """Ana and Luis of Banco Aurora, Eva of Almacén Sol, Olga of both, and a supervisor."""
    known = {row.email for row in await house.rows("select email from agent where org_id = :org")}
    if not {"eva@trato.example", "olga@trato.example"} <= known:  # `house.agents` remembers those of other files too
        _sessions.clear()
        for name in ("eva", "olga"):
            await stranger(house, name)
        await open_portfolio(house, SOL, "Equipo Pacífico")
        async with house.product.work() as tx:
            teams = [row.id for row in await tx.rows("select id from team where org_id = :org")]
            await put_in_teams(tx, house.agents["olga"], teams)
    for who in ("ana", "luis", "eva", "olga", "supervisora"):
        if who not in _sessions or (await _sessions[who].get("/me/today")).status_code != 200:
            _sessions[who] = await signed_in(house, who)
    return _sessions


async def reader(running: Running, who: str) -> Reader:
    async with running.product.work() as tx:
        found = await reader_by_token(tx, running.tokens[who])
    assert found is not None
    return found


async def client_of(running: Running, *creditors: str, text: str = "hola", **more: Any) -> dict[str, Any]:
    """A client with a debt to each of these creditors, who has written."""
    phone = some_phone()
    debts = [{"ref": f"D-{uuid4().hex[:10]}", "creditor": name, "total_due": "1000", "currency": "COP"} for name in creditors]
    client = await running.new_client(phone, debts=debts, **more)
    if text:
        await running.client_writes(phone, text)
    return client | {"phone": phone}


def form(**more: str) -> dict[str, str]:
    return {"client_token": str(uuid4()), "seen_revision": "99"} | more


async def test_ids_of_another_client_under_ones_own_address_are_not_there(house: Running, desk: dict[str, Visitor]) -> None:
    """Both clients are Ana's to see: what is wrong is only that the one's things are asked for as the other's."""
    ana = desk["ana"]
    mine, other = await client_of(house, AURORA), await client_of(house, AURORA)
    [word] = await house.timeline(other["id"])
    attachment = await kept_file(house, other["id"], word["id"])
    theirs = f"/c/{other['conversation_id']}"
    day = str(datetime.now(UTC).date() + timedelta(days=1))
    assert (await ana.post(f"{theirs}/promises", form(amount="10", currency="COP", day="other", on=day))).status_code == 200
    [debt] = await house.rows("select id from debt where org_id = :org and debtor_id = :id", id=UUID(other["id"]))
    assert (await ana.post(f"{theirs}/parties", {"debt": str(debt.id), "role": "guarantor", "name": "Pedro"})).status_code == 200
    [promise] = await house.rows("select id from promise where org_id = :org and debtor_id = :id", id=UUID(other["id"]))
    [party] = await house.rows("select id from party where org_id = :org and debt_id = :id", id=debt.id)
    [address] = await house.rows("select address_id as id from address_link where org_id = :org and debtor_id = :id", id=UUID(other["id"]))
    assert (await ana.post(f"{theirs}/close")).status_code == 200
    [closed] = await house.rows(
        "select id from entry where org_id = :org and conversation_id = :id and kind = 'event' and detail ->> 'event' = 'closed'",
        id=UUID(other["conversation_id"]),
    )
    own = f"/c/{mine['conversation_id']}"
    before = await house.rows("select id, revision from conversation where org_id = :org order by id")
    assert (await ana.get(f"{own}/entries/{word['id']}/more")).status_code == 404
    tries: dict[str, dict[str, str]] = {
        f"messages/{word['id']}/take-back": {},
        f"messages/{word['id']}/send-now": {},
        f"messages/{word['id']}/reschedule": {"not_before": f"{day}T10:00"},
        f"messages/{word['id']}/ruling": {"arrived": "yes"},
        f"attachments/{attachment}/again": {},
        f"addresses/{address.id}/confirm": {},
        f"addresses/{address.id}/prefer": {},
        f"addresses/{address.id}/wrong": {},
        f"addresses/{address.id}/right": {},
        f"parties/{party.id}": {"role": "third"},
        f"promises/{promise.id}": {"state": "kept"},
        f"promises/{promise.id}/take-back": {},
        f"payments/{promise.id}/take-back": {},
        f"merges/{promise.id}/undo": {},
        "undo": {"entry": str(closed.id)},
    }
    for door, given in tries.items():
        assert (await ana.post(f"{own}/{door}", given)).status_code == 404, door
    refused: dict[str, dict[str, str]] = {
        "messages": form(channel="sms", text="Hola", to=str(address.id)),
        "promises": form(amount="10", currency="COP", day="other", on=day, debt=str(debt.id)),
        "parties": {"debt": str(debt.id), "role": "third", "name": "X"},
    }
    for door, given in refused.items():
        assert (await ana.post(f"{own}/{door}", given)).status_code == 422, door
    assert await house.rows("select id, revision from conversation where org_id = :org order by id") == before


async def test_who_serves_the_other_portfolio_of_a_client_is_not_told(house: Running, desk: dict[str, Visitor]) -> None:
    """That somebody of another team may be called or given the client would tell that the client owes there, too."""
    client = await client_of(house, AURORA, SOL)
    path = f"/c/{client['conversation_id']}"
    eva, luis = str(house.agents["eva"]), str(house.agents["luis"])
    for door in (f"{path}/acts/transfer", f"/mentions?c={client['conversation_id']}"):
        for who, told, hidden in (("ana", luis, eva), ("eva", str(house.agents["olga"]), luis)):
            answer = (await desk[who].get(door)).text
            assert told in answer, (door, who)
            assert hidden not in answer, (door, who)
    assert (await desk["ana"].post(f"{path}/transfer", {"to": f"agent:{eva}"})).status_code == 422
    text = f"Para @[{eva}] y @eva: pidió plazo"
    assert (await desk["ana"].post(f"{path}/notes", form(text=text))).status_code == 200
    assert await house.rows("select id from notice where org_id = :org and agent_id = :id", id=house.agents["eva"]) == []
    assert "pidió plazo" not in (await desk["eva"].get(path)).text
    assert "pidió plazo" in (await desk["luis"].get(path)).text
    assert "pidió plazo" not in (await desk["eva"].get(f"{path}/entries?show=notes")).text


async def test_two_known_clients_are_joined_by_who_serves_all_their_portfolios(house: Running, desk: dict[str, Visitor]) -> None:
    one, other = await client_of(house, AURORA), await client_of(house, AURORA, SOL)
    for kept, merged in ((one, other), (other, one)):
        answer = await desk["ana"].post(f"/c/{kept['conversation_id']}/merge", {"debtor": merged["id"]})
        assert answer.status_code == 403
    assert await house.rows("select id from merge where org_id = :org and merged_id = :id", id=UUID(other["id"])) == []
    assert (await desk["olga"].post(f"/c/{one['conversation_id']}/merge", {"debtor": other["id"]})).status_code == 200


async def test_an_unknown_sender_is_whoever_an_agent_of_one_portfolio_says(house: Running, desk: dict[str, Visitor]) -> None:
    known, phone = await client_of(house, AURORA, SOL), some_phone()
    await house.client_writes(phone, "cambié de número")
    [someone] = await house.rows("select id from conversation where org_id = :org and state = 'triage' order by created_at desc limit 1")
    assert (await desk["ana"].post(f"/c/{someone.id}/identify", {"debtor": known["id"]})).status_code == 200


async def test_of_two_who_say_at_once_who_a_sender_is_one_is_told(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    known, phone = await client_of(house, AURORA), some_phone()
    await house.client_writes(phone, "hola")
    sql = "select debtor_id from conversation where org_id = :org and state = 'triage' order by created_at desc limit 1"
    [someone] = await house.rows(sql)
    ana, luis = await reader(house, "ana"), await reader(house, "luis")
    real = inbox.merging.lock_threads

    async def late(*given: Any) -> Any:
        async with house.product.work() as tx:
            await make_known(tx, luis, someone.debtor_id, NewPerson("Paz Rojas"))
        return await real(*given)

    monkeypatch.setattr(inbox.merging, "lock_threads", late)
    with pytest.raises(Conflict):
        async with house.product.work() as tx:
            await identify_as(tx, ana, someone.debtor_id, UUID(known["id"]))


async def test_an_act_in_a_conversation_that_was_joined_is_not_undone_in_the_other(house: Running, desk: dict[str, Visitor]) -> None:
    kept, merged = await client_of(house, AURORA), await client_of(house, AURORA)
    for one in (kept, merged):
        assert (await desk["olga"].post(f"/c/{one['conversation_id']}/claim")).status_code == 200
    sql = "select id from entry where org_id = :org and conversation_id = :id and detail ->> 'event' = 'claimed'"
    [claimed] = await house.rows(sql, id=UUID(merged["conversation_id"]))
    assert (await desk["olga"].post(f"/c/{kept['conversation_id']}/merge", {"debtor": merged["id"]})).status_code == 200
    assert (await desk["olga"].post(f"/c/{kept['conversation_id']}/undo", {"entry": str(claimed.id)})).status_code == 404


async def test_the_wrong_person_is_said_once_and_by_who_attends(house: Running, desk: dict[str, Visitor]) -> None:
    client, second = await client_of(house, AURORA), some_phone()
    path = f"/c/{client['conversation_id']}"
    assert (await desk["ana"].post(f"{path}/addresses", {"channel": "sms", "value": second})).status_code == 200
    await house.client_writes(second, "también soy yo")
    assert (await desk["ana"].post(f"{path}/claim")).status_code == 200
    assert (await desk["luis"].post(f"{path}/wrong-person")).status_code == 409
    first = await desk["ana"].post(f"{path}/wrong-person")
    again = await desk["ana"].post(f"{path}/wrong-person")
    assert (first.status_code, again.status_code) == (200, 200)
    rows = await house.rows("select status from address_link where org_id = :org and debtor_id = :id", id=UUID(client["id"]))
    assert sorted(row.status == "wrong_party" for row in rows) == [False, True]
    events = await house.rows(
        "select id from entry where org_id = :org and conversation_id = :id and detail ->> 'event' = 'wrong_person'",
        id=UUID(client["conversation_id"]),
    )
    assert len(events) == 1


async def test_two_presses_are_one_act(house: Running, desk: dict[str, Visitor]) -> None:
    client = await client_of(house, AURORA)
    path = f"/c/{client['conversation_id']}"
    presses: tuple[tuple[str, dict[str, str]], ...] = (
        ("claim", {}),
        ("snooze", {"until": "1h"}),
        ("wake", {}),
        ("addresses", {"channel": "sms", "value": some_phone()}),
        ("transfer", {"to": f"agent:{house.agents['luis']}", "note": "Ayuda"}),
    )
    for door, given in presses:
        before = len(await house.timeline(client["id"]))
        answers = await asyncio.gather(*(desk["ana"].post(f"{path}/{door}", given) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [200, 200], door
        assert len(await house.timeline(client["id"])) - before == (2 if door == "transfer" else 1), door


async def test_a_colleague_neither_reads_nor_takes_what_is_an_agents_own(house: Running, desk: dict[str, Visitor]) -> None:
    client = await client_of(house, AURORA)
    path = f"/c/{client['conversation_id']}"
    assert (await desk["ana"].post(f"{path}/draft", {"channel": "sms", "text": "palabras a medias"})).status_code == 200
    assert "palabras a medias" in (await desk["ana"].get(path)).text
    day = str(datetime.now(UTC).date() + timedelta(days=2))
    sent = await desk["ana"].post(f"{path}/messages", form(channel="sms", text="Mañana le escribo", not_before=f"{day}T10:00"))
    assert sent.status_code == 200
    assert (await desk["ana"].post(f"{path}/draft", {"channel": "sms", "text": "palabras a medias"})).status_code == 200
    message = (await house.timeline(client["id"]))[-1]["id"]
    for door in ("take-back", "send-now", "reschedule"):
        answer = await desk["luis"].post(f"{path}/messages/{message}/{door}", {"not_before": f"{day}T11:00"})
        assert answer.status_code == 403, door
        assert "Mañana le escribo" not in answer.text
    assert "palabras a medias" not in (await desk["luis"].get(path)).text
    assert "palabras a medias" not in (await desk["supervisora"].get(path)).text
    taken = await desk["supervisora"].post(f"{path}/messages/{message}/take-back")
    assert taken.status_code == 200
    assert "palabras a medias" not in taken.text
    assert "palabras a medias" in (await desk["ana"].get(path)).text


async def test_the_owners_tabs_do_not_make_the_client_a_colleagues(house: Running, desk: dict[str, Visitor]) -> None:
    """A frame that is rendered once for a whole audience is rendered as for somebody who does not attend the client."""
    client = await client_of(house, AURORA)
    topic = f"conversation:{client['conversation_id']}"
    hello = {"t": "hello", "seen": {topic: 1}}
    async with desk["ana"].line() as a, desk["ana"].line() as b, desk["ana"].line() as c, desk["luis"].line() as other:
        for line in (a, b, c, other):
            await line.say(**hello)
            await line.hear("live")
        for line in (a, b, c, other):
            line.unread.clear()
        assert (await desk["ana"].post(f"/c/{client['conversation_id']}/claim")).status_code == 200
        for line in (a, b, c):
            assert "/release" in (await line.hear("frame", topic=topic))["html"]
        frame = (await other.hear("frame", topic=topic))["html"]
        assert "/release" not in frame
        assert "act-claim" not in frame


async def test_who_is_here_is_told_to_nobody_whose_rights_are_not_known(
    house: Running, desk: dict[str, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's socket waits among the others while it is asked whether it may: what is pushed meanwhile is not for it."""
    client = await client_of(house, AURORA)
    place = f"presence:{client['conversation_id']}"
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Any, one: Reader, conversation: UUID) -> Any:
        if one.agent_id == house.agents["eva"]:
            asked.set()
            await answered.wait()
        return await access_conversation(tx, one, conversation)

    monkeypatch.setattr(console.live_presence, "access_conversation", slowly)
    async with desk["luis"].line() as luis, desk["eva"].line() as eva:
        await luis.say(t="hello", seen={place: ""})
        await luis.hear("live")
        await eva.say(t="hello", seen={place: ""})
        await asked.wait()
        assert (await desk["ana"].post(f"/c/{client['conversation_id']}/here", {"doing": "writing"})).status_code == 204
        while str(house.agents["ana"]) not in (await luis.hear("frame", topic=place))["order"]:
            pass
        answered.set()
        await eva.hear("gone", topic=place)
        assert [one for one in eva.unread if one["t"] == "frame"] == []


async def test_who_is_here_is_told_no_more_when_the_client_is_anothers(house: Running, desk: dict[str, Visitor]) -> None:
    client = await client_of(house, AURORA)
    place = f"presence:{client['conversation_id']}"
    async with desk["luis"].line() as luis:
        await luis.say(t="hello", seen={place: ""})
        await luis.hear("live")
        async with house.product.work() as tx:
            await tx.run(
                "update conversation set portfolios = array(select id from creditor where org_id = :org and name = :sol)"
                " where org_id = :org and id = cast(:id as uuid)",
                sol=SOL,
                id=client["conversation_id"],
            )
        assert (await desk["eva"].post(f"/c/{client['conversation_id']}/here", {"doing": "viewing"})).status_code == 204
        await luis.hear("gone", topic=place)
        assert [one for one in luis.unread if one["t"] == "frame" and str(house.agents["eva"]) in one["order"]] == []


async def test_nothing_personal_stands_in_the_ledger_or_in_a_poke(
    house: Running, desk: dict[str, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("Zacarías", "zanahoria", "Barranquilla")
    pokes: list[str] = []
    real = house.product.bus.poke

    async def listen(topics: Any) -> None:
        pokes.extend(map(str, topics))
        await real(topics)

    monkeypatch.setattr(house.product.bus, "poke", listen)
    client = await client_of(house, AURORA, text="zanahoria", name="Zacarías Peña", city="Barranquilla")
    path, phone = f"/c/{client['conversation_id']}", some_phone()
    day = str(datetime.now(UTC).date() + timedelta(days=1))
    [debt] = await house.rows("select id from debt where org_id = :org and debtor_id = :id", id=UUID(client["id"]))
    steps: dict[str, dict[str, str]] = {
        "claim": {},
        "draft": {"channel": "sms", "text": "zanahoria"},
        "notes": form(text="zanahoria @luis"),
        "messages": form(channel="sms", text="zanahoria"),
        "addresses": {"channel": "sms", "value": phone},
        "parties": {"debt": str(debt.id), "role": "guarantor", "name": "Zacarías"},
        "promises": form(amount="10", currency="COP", day="other", on=day),
        "people/search": {"q": "Zacarías"},
        "transfer": {"to": f"agent:{house.agents['luis']}", "note": "zanahoria"},
    }
    for door, given in steps.items():
        assert (await desk["ana"].post(f"{path}/{door}", given)).status_code == 200, door
    assert (await desk["ana"].get("/palette?q=Zacar%C3%ADas")).status_code == 200
    told = [str(row.body) for row in await house.rows("select body from audit_entry where org_id = :org")]
    told += [f"{row.action} {row.actor} {row.detail}" for row in await pending_of(house)]
    assert len(told) > 10
    for secret in (*secrets, client["phone"].lstrip("+"), phone.lstrip("+")):
        assert not [one for one in (*told, *pokes) if secret.casefold() in one.casefold()], secret
    assert pokes


async def test_a_teamless_agent_sees_no_portfolio(house: Running, desk: dict[str, Visitor]) -> None:
    client = await client_of(house, AURORA)
    async with house.product.work() as tx:
        await put_in_teams(tx, house.agents["eva"], [])
    try:
        assert (await desk["eva"].get(f"/c/{client['conversation_id']}")).status_code == 404
        assert (await desk["eva"].get(f"/c/{NOBODY}")).status_code == 404
        assert (await reader(house, "eva")).role is Role.AGENT
    finally:
        async with house.product.work() as tx:
            team = await tx.value("select id from team where org_id = :org and name = 'Equipo Pacífico'")
            await put_in_teams(tx, house.agents["eva"], [team])
