"""Notes and what agents are told: mentions reach who may see the client, the badge lives, and nothing but initials is offered to the outside."""

from __future__ import annotations

import re
import uuid
from typing import Any
from uuid import UUID

import httpx
import pytest

from inbox.notes import resolve
from tests.doors import NOBODY, Line, Visitor, open_portfolio, signed_in, stranger
from tests.running import Running

PHONE = "+573007770022"


@pytest.fixture
async def client(running: Running) -> dict[str, str]:
    """A client of Banco Aurora who has written, and somebody of another team."""
    await stranger(running, "eva", team="Equipo Pacífico")
    await open_portfolio(running, "Almacén Sol", "Equipo Pacífico")
    found = await running.new_client(PHONE, "Rosa Elena Márquez Ruiz")
    await running.client_writes(PHONE, "buenas")
    return found


async def note(who: Visitor, client: dict[str, str], text: str, token: str = "") -> httpx.Response:
    """Write a note as the composer does."""
    return await who.post(f"/c/{client['conversation_id']}/notes", {"text": text, "client_token": token or str(uuid.uuid4())})


async def notices_of(running: Running, who: str) -> list[Any]:
    """Somebody's notices."""
    return await running.rows("select * from notice where org_id = :org and agent_id = :agent order by id", agent=running.agents[who])


async def hears(line: Line, words: str) -> str:
    """The first frame of what somebody is told that holds these words."""
    while words not in (html := str((await line.hear("frame", topic="me"))["html"])):
        pass
    return html


async def test_a_note_is_written_once_by_who_may_and_tells_whom_it_names(running: Running, client: dict[str, str]) -> None:
    ana, eva, revisora = [await signed_in(running, who) for who in ("ana", "eva", "revisora")]
    token = str(uuid.uuid4())
    for _ in range(2):
        answer = await note(ana, client, f"@Marta Quintero ¿dos cuotas? @[{running.agents['luis']}] y @eva", token)
        assert answer.status_code == 200
    notes = [entry for entry in await running.timeline(client["id"]) if entry["kind"] == "note"]
    assert [entry["text"] for entry in notes] == ["@Marta Quintero ¿dos cuotas? @Luis Cárdenas y @eva"]
    assert [one.kind for one in await notices_of(running, "supervisora")] == ["mention"]
    assert [one.kind for one in await notices_of(running, "luis")] == ["mention"]
    assert not await notices_of(running, "eva"), "who may not see the client is not told of them"
    assert (await note(eva, client, "hola")).status_code == 404
    assert (await eva.post(f"/c/{NOBODY}/notes", {"text": "x", "client_token": token})).status_code == 404
    assert (await note(revisora, client, "hola")).status_code == 403
    refused = await note(ana, client, "   ")
    assert refused.status_code == 422
    assert "#composer-problem" in refused.text


async def test_only_colleagues_who_see_the_client_are_offered(running: Running, client: dict[str, str]) -> None:
    ana, eva = await signed_in(running), await signed_in(running, "eva")
    options = (await ana.get(f"/mentions?q=lu&c={client['conversation_id']}")).text
    assert re.findall(r'data-name="([^"]+)"', options) == ["Luis Cárdenas"]
    everybody = (await ana.get(f"/mentions?q=&c={client['conversation_id']}")).text
    assert str(running.agents["eva"]) not in everybody
    assert str(running.agents["revisora"]) in everybody
    assert (await eva.get(f"/mentions?q=lu&c={client['conversation_id']}")).status_code == 404


async def test_a_mention_is_in_the_list_until_it_is_done_or_answered(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    row = f'id="q-{client["conversation_id"]}"'
    for finish in ("mentions-done", "notes"):
        await note(ana, client, "@Luis Cárdenas mira esto")
        page = (await luis.get("/queue?view=mentions")).text
        assert row in page
        assert 'id="count-mentions" data-count="1"' in page
        assert row not in (await ana.get("/queue?view=mentions")).text
        form = {"text": "Visto", "client_token": str(uuid.uuid4())}
        assert (await luis.post(f"/c/{client['conversation_id']}/{finish}", form)).status_code == 200
        assert row not in (await luis.get("/queue?view=mentions")).text
    (done,) = await running.rows("select id from entry where org_id = :org and detail ->> 'event' = 'mentions_done'")
    assert (await luis.post(f"/c/{client['conversation_id']}/undo", {"entry": str(done.id)})).status_code == 200
    assert row in (await luis.get("/queue?view=mentions")).text, "taken back, it is open again"


async def test_notices_stand_in_the_order_of_their_time(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    for _ in range(3):
        await note(ana, client, "@Luis Cárdenas mira esto")
    async with running.product.work() as tx:
        await tx.run(
            "update notice set at = at - interval '3 days' where id = (select id from notice where org_id = :org order by id desc limit 1)"
        )
    found = re.findall(r'class="notice-time num" datetime="([^"]+)"', (await luis.get("/me/notices")).text)
    assert len(found) == 3
    assert found == sorted(found, reverse=True)


async def test_the_badge_lives_and_names_nobody_outside(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    async with luis.line() as line:
        await line.say(t="hello", seen={"me": ""})
        first = await line.hear("frame", topic="me")
        assert first["order"] == []
        await note(ana, client, "@Luis Cárdenas mira esto")
        (notice,) = await notices_of(running, "luis")
        frame = await line.hear("frame", topic="me", order=[str(notice.id)])
        assert 'data-unseen="1"' in frame["html"]
        assert 'data-notify="Ana Restrepo te mencionó · R. M."' in frame["html"]
        await luis.post("/me/notices/seen")
        await hears(line, 'data-unseen="0"')
        await luis.post(f"/c/{client['conversation_id']}/claim")
        await running.client_writes(PHONE, "¿hola?")
        assert 'data-word-text="Mensaje nuevo de R. M."' in await hears(line, 'data-unread="1"')
    page = (await luis.get("/me/notices")).text
    assert "Rosa Elena Márquez Ruiz" in page, "inside, the name may be read"
    outside = "".join(re.findall(r'data-(?:notify|word-text)="([^"]*)"', page))
    assert "Rosa" not in outside


async def test_a_notice_of_a_client_who_is_not_ones_own_any_more_shows_nothing(running: Running, client: dict[str, str]) -> None:
    ana, luis = await signed_in(running), await signed_in(running, "luis")
    await note(ana, client, "@Luis Cárdenas mira esto")
    assert "Márquez" in (await luis.get("/me/notices")).text
    async with running.product.work() as tx:
        await tx.run("delete from team_member where org_id = :org and agent_id = :agent", agent=running.agents["luis"])
    page = (await luis.get("/me/notices")).text
    assert "Márquez" not in page
    assert client["conversation_id"] not in page


def test_names_are_found_whole_or_by_a_first_name_that_is_ones_alone() -> None:
    class Agent:
        def __init__(self, name: str) -> None:
            self.id, self.name = uuid.uuid4(), name

    ana, ana_maria, luis = Agent("Ana Restrepo"), Agent("Ana Restrepo Gil"), Agent("Luis Cárdenas")
    people = [ana, ana_maria, luis]
    cases: dict[str, tuple[UUID, ...]] = {
        "@luis cardenas, mira": (luis.id,),
        "@LUIS": (luis.id,),
        "@Ana mira": (),
        "@Ana Restrepo mira": (ana.id,),
        "@Ana Restrepo Gil": (ana_maria.id,),
        "correo@luis.example": (),
        "@Luisa": (),
        f"@[{luis.id}] y @[{uuid.uuid4()}]": (luis.id,),
        "nadie": (),
    }
    for text, expected in cases.items():
        assert resolve(text, people)[1] == expected, text
