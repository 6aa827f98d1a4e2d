"""The dialogs about people through their doors: who may, who may not, and what comes back to the screen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import pytest

from inbox.moves import COLUMNS
from tests.carrier import pending_of, queue, send
from tests.doors import Visitor, signed_in
from tests.running import Running

OURS, NEW_NUMBER, THEIRS = "+573001110001", "+573001110002", "+573001110009"


class Desk:
    """Somebody's browser, signed in, as its scripts ask: for parts of pages."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    async def get(self, path: str, *, whole: bool = False) -> httpx.Response:
        return await self._visitor.get(path, **{} if whole else {"hx-request": "true", "hx-request-type": "partial"})

    async def post(self, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        return await self._visitor.post(path, data, hx_request="true", hx_request_type="partial")


@asynccontextmanager
async def desk(running: Running, who: str = "ana") -> AsyncIterator[Desk]:
    """One of the demo's people at their desk."""
    yield Desk(await signed_in(running, who))


async def stranger(running: Running, text: str = "buenas tardes") -> Any:
    await running.client_writes(NEW_NUMBER, text)
    (row,) = await running.rows(
        "select c.id, c.debtor_id from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " where c.org_id = :org and d.kind = 'provisional'"
    )
    return row


async def conversation_of(running: Running, debtor: str) -> UUID:
    (row,) = await running.rows("select id from conversation where org_id = :org and debtor_id = :id", id=UUID(debtor))
    found: UUID = row.id
    return found


async def test_a_stranger_is_identified_as_a_client(running: Running) -> None:
    client = await running.new_client(OURS, name="Rosa Márquez")
    someone = await stranger(running, f"hola, mi referencia es {client['ref']}")
    async with desk(running) as http:
        dialog = await http.get(f"/c/{someone.id}/identify")
        assert dialog.status_code == 200
        assert "Rosa Márquez" in dialog.text
        assert "Escribió una referencia de este cliente" in dialog.text
        assert "250.000" not in dialog.text, "seeing a candidate is not seeing what they owe"
        assert OURS not in dialog.text
        answer = await http.post(f"/c/{someone.id}/identify", data={"debtor": client["id"]})
        assert answer.status_code == 200, answer.text
        kept = await conversation_of(running, client["id"])
        assert answer.headers["hx-push-url"] == f"/c/{kept}"
        assert answer.headers["hx-trigger"] == "people:done"
        assert "mi referencia es" in answer.text
        moved = await http.get(f"/c/{someone.id}", whole=True)
        assert (moved.status_code, moved.headers["location"]) == (303, f"/c/{kept}")
        people = await http.get(f"/c/{kept}/people")
        undo = re.search(r"/c/[^\"]+/merges/[^\"]+/undo", people.text)
        assert undo is not None
        back = await http.post(undo[0])
        assert back.status_code == 200
        assert "mi referencia es" not in back.text
        assert (await http.get(f"/c/{someone.id}")).status_code == 200


async def test_search_finds_people_in_every_writing(running: Running) -> None:
    client = await running.new_client(OURS, name="José de la Peña", national_id="1.020.304-5")
    someone = await stranger(running)
    async with desk(running) as http:
        for text in ("jose pena", "PEÑA josé", "jos pe", "300 111 0001", "0001", "+57 (300) 111-0001", client["ref"], "10203045"):
            found = await http.post(f"/c/{someone.id}/people/search", data={"q": text})
            assert "José de la Peña" in found.text, text
        shown = [one for one in await pending_of(running) if one.action == "clients.searched"]
        assert len(shown) == 8, "whom somebody was shown stands in the ledger"
        for text in ("jo", "ose", "pena rosa", "300 111 0009", "99999999", ""):
            found = await http.post(f"/c/{someone.id}/people/search", data={"q": text})
            assert "José de la Peña" not in found.text, text


async def test_agents_of_other_portfolios_find_nothing_and_nobody(running: Running) -> None:
    other = await running.new_client(OURS, name="Rosa Márquez", creditor="Tienda Sol")
    someone = await stranger(running, f"soy {other['ref']}")
    secret = await conversation_of(running, other["id"])
    (debt,) = await running.rows("select id from debt where org_id = :org")
    (address,) = await running.rows("select address_id from address_link where org_id = :org and debtor_id = :id", id=UUID(other["id"]))
    money = {"amount": "10", "currency": "COP", "day": "2030-01-01", "client_token": str(uuid4()), "debt": str(debt.id)}
    async with desk(running) as http:
        assert "Rosa" not in (await http.get(f"/c/{someone.id}/identify")).text
        assert "Rosa" not in (await http.post(f"/c/{someone.id}/people/search", data={"q": "rosa marquez"})).text
        assert (await http.post(f"/c/{someone.id}/identify", data={"debtor": other["id"]})).status_code == 404
        for path in ("identify", "people", "promises/new", "payments/new"):
            assert (await http.get(f"/c/{secret}/{path}")).status_code == 404, path
        posts: dict[str, dict[str, str]] = {
            "people/search": {"q": "rosa"},
            "identify": {"debtor": other["id"]},
            "identify/new": {"name": "Yo"},
            "merge": {"debtor": str(someone.debtor_id)},
            f"merges/{uuid4()}/undo": {},
            "addresses": {"channel": "sms", "value": "+573001110007"},
            f"addresses/{address.address_id}/wrong": {},
            "parties": {"debt": str(debt.id), "role": "third", "name": "Yo"},
            f"parties/{uuid4()}": {"role": "third"},
            "wrong-person": {},
            "promises": money,
            "payments": money,
            f"promises/{uuid4()}": {"state": "kept"},
        }
        for path, form in posts.items():
            assert (await http.post(f"/c/{secret}/{path}", data=form)).status_code == 404, path
    async with desk(running, "revisora") as http:
        for path, form in posts.items():
            assert (await http.post(f"/c/{secret}/{path}", data=form)).status_code in (403, 404, 409), path
    rows = await running.rows("select (select count(*) from promise) + (select count(*) from party) + (select count(*) from merge) as made")
    assert rows[0].made == 0


async def test_somebody_new_and_a_reference_that_is_taken(running: Running) -> None:
    client = await running.new_client(OURS)
    someone = await stranger(running)
    async with desk(running) as http:
        wrong = await http.post(f"/c/{someone.id}/identify/new", data={"name": "Ana Gil", "ref": client["ref"]})
        assert wrong.status_code == 422
        assert "Otro cliente tiene esta referencia" in wrong.text
        assert 'value="Ana Gil"' in wrong.text, "what was typed is kept"
        assert (await http.post(f"/c/{someone.id}/identify/new", data={"name": "  "})).status_code == 422
        assert (await http.post(f"/c/{someone.id}/identify/new", data={"name": "Ana Gil", "creditor": str(uuid4())})).status_code == 422
        made = await http.post(f"/c/{someone.id}/identify/new", data={"name": "Ana Gil", "country": "CO", "language": "es"})
        assert made.status_code == 200
        assert "Ana Gil" in made.text
        late = await http.get(f"/c/{someone.id}/identify")
        assert (late.status_code, "identificó" in unquote(late.headers["x-problem"])) == (409, True), "a part that is refused says why"


async def test_addresses_are_added_confirmed_preferred_and_found_to_be_others(running: Running) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    async with desk(running) as http:
        bad = await http.post(f"/c/{conversation}/addresses", data={"channel": "sms", "value": "12"})
        assert bad.status_code == 422
        assert "no es un número" in bad.text
        good = await http.post(f"/c/{conversation}/addresses", data={"channel": "sms", "value": "300 111 0005"})
        assert good.status_code == 200
        links = await running.rows("select address_id, status, source from address_link where org_id = :org order by created_at")
        assert [(one.status, one.source) for one in links] == [("claimed", None), ("claimed", "agent")]
        for act in ("confirm", "prefer"):
            assert (await http.post(f"/c/{conversation}/addresses/{links[1].address_id}/{act}")).status_code == 200
        assert (await http.post(f"/c/{conversation}/addresses/{links[1].address_id}/steal")).status_code == 404
    sent = await _send(running, client["id"])
    (message,) = await running.rows("select address_id from message where org_id = :org and id = :id", id=UUID(sent))
    assert message.address_id == links[1].address_id, "the one that the client chose"


async def _send(running: Running, debtor: str) -> str:
    return await queue(running, debtor, "Buenos días")


async def links_of(running: Running, debtor: str) -> dict[UUID, str]:
    """What is said of each address of a client."""
    rows = await running.rows("select address_id, status from address_link where org_id = :org and debtor_id = :id", id=UUID(debtor))
    return {row.address_id: row.status for row in rows}


async def newest_event(running: Running, conversation: UUID) -> Any:
    (row,) = await running.rows(
        "select id, detail from entry where org_id = :org and conversation_id = :id and kind = 'event' order by position desc limit 1",
        id=conversation,
    )
    return row


async def test_the_wrong_person_is_never_written_to_and_everything_can_be_taken_back(running: Running) -> None:
    both = [{"channel": channel, "value": OURS} for channel in ("sms", "whatsapp")]
    client = await running.new_client(OURS, addresses=both)
    conversation = await conversation_of(running, client["id"])
    await running.client_writes(OURS, "no soy Rosa")
    (heard,) = await running.rows("select address_id from message where org_id = :org")
    (team,) = await running.rows("select id from team where org_id = :org")
    async with desk(running) as http, desk(running, "luis") as luis:
        assert (await http.post(f"/c/{conversation}/addresses/{heard.address_id}/confirm")).status_code == 200
        assert (await http.post(f"/c/{conversation}/transfer", data={"to": f"team:{team.id}"})).status_code == 200
        links, before = await links_of(running, client["id"]), await standing_of(running, conversation)
        assert sorted(links.values()) == ["claimed", "confirmed"]
        answer = await http.post(f"/c/{conversation}/wrong-person")
        assert (answer.status_code, "persona equivocada" in answer.text) == (200, True)
        said, during = await newest_event(running, conversation), await standing_of(running, conversation)
        assert (during["state"], during["disposition"], during["team_id"]) == ("closed", "wrong_person", None)
        assert set((await links_of(running, client["id"])).values()) == {"wrong_party"}, "a number is somebody's on every channel"
        refused = await running.api("ana").post(
            f"/api/v1/debtors/{client['id']}/messages", json={"channel": "sms", "text": "hola"}, headers={"idempotency-key": str(uuid4())}
        )
        assert refused.status_code in (409, 422)
        assert (await luis.post(f"/c/{conversation}/undo", data={"entry": str(said.id)})).status_code == 404, "another agent's act"
        assert (await http.post(f"/c/{conversation}/undo", data={"entry": str(said.id)})).status_code == 200
    assert (await links_of(running, client["id"]), await standing_of(running, conversation)) == (links, before)
    await running.client_writes(OURS, "ahora sí soy Rosa")
    assert (await running.timeline(client["id"]))[-1]["text"] == "ahora sí soy Rosa"


async def standing_of(running: Running, conversation: UUID) -> dict[str, Any]:
    """What acts change of a conversation."""
    (row,) = await running.rows(f"select {', '.join(COLUMNS)} from conversation where org_id = :org and id = :id", id=conversation)
    return dict(row._mapping)


async def test_the_wrong_person_is_not_taken_back_where_more_was_said_of_the_address_or_too_late(running: Running) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    await running.client_writes(OURS, "no soy Rosa")
    async with desk(running) as http:
        await http.post(f"/c/{conversation}/wrong-person")
        said = await newest_event(running, conversation)
        (address,) = await links_of(running, client["id"])
        assert (await http.post(f"/c/{conversation}/addresses/{address}/confirm")).status_code == 200
        assert (await http.post(f"/c/{conversation}/undo", data={"entry": str(said.id)})).status_code == 409
        assert await links_of(running, client["id"]) == {address: "confirmed"}
        assert (await standing_of(running, conversation))["state"] == "closed", "nothing of it is half done"


async def test_an_address_that_is_not_theirs_closes_nothing_where_the_client_talks_on_another(running: Running) -> None:
    addresses = [{"channel": "sms", "value": phone} for phone in (OURS, "+573001110005")]
    client = await running.new_client(OURS, addresses=addresses)
    conversation = await conversation_of(running, client["id"])
    await running.client_writes(OURS, "soy Rosa")
    (heard,) = await running.rows("select address_id from message where org_id = :org")
    (other,) = [one for one in await links_of(running, client["id"]) if one != heard.address_id]
    before = await standing_of(running, conversation)
    async with desk(running) as http:
        for _ in range(2):
            assert (await http.post(f"/c/{conversation}/addresses/{other}/wrong")).status_code == 200
        assert await standing_of(running, conversation) == before
        assert await links_of(running, client["id"]) == {heard.address_id: "claimed", other: "wrong_party"}
        assert (await http.post(f"/c/{conversation}/addresses/{heard.address_id}/wrong")).status_code == 200
    assert (await standing_of(running, conversation))["state"] == "closed", "nobody is left to talk to"


async def test_people_stand_beside_a_debt(running: Running) -> None:
    client = await running.new_client(OURS)
    conversation = await conversation_of(running, client["id"])
    (debt,) = await running.rows("select id from debt where org_id = :org")
    async with desk(running) as http:
        added = await http.post(f"/c/{conversation}/parties", data={"debt": str(debt.id), "role": "reference", "name": "Lucía Rey"})
        assert added.status_code == 200
        assert "Lucía Rey" in added.text
        assert "Sin contacto: referencia" in added.text
        (party,) = await running.rows("select id, debtor_id from party where org_id = :org")
        twice = await http.post(f"/c/{conversation}/parties", data={"debt": str(debt.id), "role": "third", "person": str(party.debtor_id)})
        assert twice.status_code == 422
        theirs = await conversation_of(running, str(party.debtor_id))
        assert "Rosa Márquez" in (await http.get(f"/c/{theirs}/people")).text, "their own page says whose reference they are"
        assert (await http.post(f"/c/{theirs}/addresses", data={"channel": "sms", "value": THEIRS})).status_code == 200
        assert (await send(running, str(party.debtor_id))).json()["verdict"]["rule"] == "reference_only"
        await running.client_writes(THEIRS, "¿por qué me preguntan por Rosa?")
        assert (await send(running, str(party.debtor_id))).status_code == 202, "who writes is answered"
        async with running.product.work() as tx:
            await tx.run("update contact_act set at = at - interval '1 day' where org_id = :org and direction = 'in'")
        assert (await send(running, str(party.debtor_id))).status_code == 422
        changed = await http.post(f"/c/{conversation}/parties/{party.id}", data={"role": "guarantor"})
        assert (await send(running, str(party.debtor_id))).status_code == 202, "a guarantor may be written to"
        assert "Sin contacto: referencia" not in changed.text
        gone = await http.post(f"/c/{conversation}/parties/{party.id}", data={"role": ""})
        assert "Lucía Rey" not in gone.text
    assert (await running.rows("select id from party where org_id = :org")) == []


@pytest.mark.parametrize("name", ["identify", "people"])
async def test_a_merged_conversations_doors_are_closed(running: Running, name: str) -> None:
    client = await running.new_client(OURS)
    someone = await stranger(running)
    async with desk(running) as http:
        await http.post(f"/c/{someone.id}/identify", data={"debtor": client["id"]})
        assert (await http.get(f"/c/{someone.id}/{name}")).status_code == 404
        assert (await http.post(f"/c/{someone.id}/identify", data={"debtor": client["id"]})).status_code == 404
