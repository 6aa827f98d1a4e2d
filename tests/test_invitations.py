"""Invitations and the people who work here: links that work once, files that change nothing twice, and nobody locked out by mistake."""

from __future__ import annotations

import asyncio
import html
import re

import httpx

from tests.carrier import pending_of
from tests.doors import Visitor, cookie_of, signed_in, try_to_sign_in
from tests.running import Running

PASSWORD = "girasol tranvia mate luna"
NEW = {"role": "agent", "language": "pt", "zone": "America/Sao_Paulo"}


async def invited(running: Running, admin: Visitor, email: str, name: str = "Bruna Alves") -> str:
    """The path of a new person's link."""
    answer = await admin.post("/setup/agents", NEW | {"name": name, "email": email})
    assert answer.status_code == 200, answer.text
    return path_on(answer.text)


def path_on(page: str) -> str:
    [path] = re.findall(r'value="[^"]*(/welcome/[\w-]+)"', html.unescape(page))
    return str(path)


async def choose(running: Running, path: str, password: str = PASSWORD) -> httpx.Response:
    return await Visitor(running).post(path, {"password": password})


async def test_somebody_new_chooses_a_password_and_is_in(house: Running) -> None:
    admin = await signed_in(house, "admin")
    path = await invited(house, admin, "bruna@trato.example")
    assert (await try_to_sign_in(house, "bruna@trato.example", "", place="127.0.0.41")).status_code == 422
    page = await Visitor(house).get(path)
    assert (page.status_code, 'lang="pt-BR"' in page.text, "Bruna Alves" in page.text) == (200, True, True)
    weak = await choose(house, path, "Bruna Alves 1")
    assert weak.status_code == 422
    assert 'id="problem-password"' in weak.text
    entered = await choose(house, path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert (await Visitor(house, cookie_of(entered)).get("/")).status_code == 200
    assert (await try_to_sign_in(house, "bruna@trato.example", PASSWORD)).status_code == 303
    assert (await Visitor(house).get(path)).status_code == 404
    assert (await choose(house, path)).status_code == 404


async def test_the_secret_of_a_link_is_kept_only_as_its_hash(house: Running) -> None:
    admin = await signed_in(house, "admin")
    path = await invited(house, admin, "hash@trato.example")
    rows = str(await house.rows("select * from invitation")) + str(await pending_of(house))
    assert path.rpartition("/")[2] not in rows
    assert path not in (await admin.get("/setup/agents")).text


async def test_of_two_who_use_one_link_at_once_one_is_in(house: Running) -> None:
    path = await invited(house, await signed_in(house, "admin"), "twice@trato.example")
    answers = await asyncio.gather(*(choose(house, path) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404]


async def test_a_link_ends_by_time_by_another_one_and_by_hand(house: Running) -> None:
    admin = await signed_in(house, "admin")
    first = await invited(house, admin, "late@trato.example")
    [row] = await house.rows("select id from agent where email = 'late@trato.example'")
    second = path_on((await admin.post(f"/setup/agents/{row.id}/invite")).text)
    assert (await Visitor(house).get(first)).status_code == 404
    assert (await Visitor(house).get(second)).status_code == 200
    assert (await admin.post(f"/setup/agents/{row.id}/revoke")).status_code == 303
    assert (await choose(house, second)).status_code == 404
    third = path_on((await admin.post(f"/setup/agents/{row.id}/invite")).text)
    [ends] = await house.rows("select ends_at - created_at as hours from invitation order by created_at desc limit 1")
    assert abs(ends.hours.total_seconds() - 72 * 3600) < 1
    async with house.product.work() as tx:
        await tx.run("update invitation set ends_at = clock_timestamp() - interval '1 second' where agent_id = :agent", agent=row.id)
    assert (await choose(house, third)).status_code == 404


async def test_a_new_password_ends_what_was_open_under_the_old_one(house: Running) -> None:
    admin = await signed_in(house, "admin")
    path = await invited(house, admin, "again@trato.example")
    before = Visitor(house, cookie_of(await choose(house, path)))
    [row] = await house.rows("select id from agent where email = 'again@trato.example'")
    await choose(house, path_on((await admin.post(f"/setup/agents/{row.id}/invite")).text), "otra frase larga mia")
    assert (await before.get("/")).status_code == 303


async def test_switching_somebody_off_ends_their_sessions_tokens_and_links(house: Running) -> None:
    admin = await signed_in(house, "admin")
    path = await invited(house, admin, "off@trato.example")
    theirs = Visitor(house, cookie_of(await choose(house, path)))
    [row] = await house.rows("select id from agent where email = 'off@trato.example'")
    link = path_on((await admin.post(f"/setup/agents/{row.id}/invite")).text)
    assert (await admin.post(f"/setup/agents/{row.id}/off")).status_code == 303
    assert (await theirs.get("/")).status_code == 303
    assert (await choose(house, link)).status_code == 404
    assert (await try_to_sign_in(house, "off@trato.example", PASSWORD)).status_code == 422
    assert (await admin.post(f"/setup/agents/{row.id}/invite")).status_code == 404
    assert (await admin.post(f"/setup/agents/{row.id}/on")).status_code == 303
    assert (await theirs.get("/")).status_code == 303, "what was ended stays ended"
    assert (await try_to_sign_in(house, "off@trato.example", PASSWORD)).status_code == 303


async def test_nobody_takes_their_own_rights_away(house: Running) -> None:
    admin = await signed_in(house, "admin")
    me = house.agents["admin"]
    assert (await admin.post(f"/setup/agents/{me}/off")).status_code == 422
    form = {"name": "Admin", "role": "agent", "language": "es", "zone": "America/Bogota"}
    assert (await admin.post(f"/setup/agents/{me}", form)).status_code == 422
    text = "name;email;role\nAdmin;admin@trato.example;agent\n"
    assert (await admin.post("/setup/agents/file", {"text": text, "confirmed": "1"})).status_code == 422
    assert [row.role for row in await house.rows("select role from agent where id = :me and active", me=me)] == ["admin"]


async def test_a_file_of_people_is_imported_whole_and_twice_changes_nothing(house: Running) -> None:
    admin = await signed_in(house, "admin")
    text = "Nombre,Correo,Rol,Equipo,Idioma\nPía Núñez,PIA@trato.example,Supervisora,equipo andes,Español\n,x,jefe,Nadie,fr\n"
    refused = await admin.post("/setup/agents/file", {"text": text, "confirmed": "1"})
    assert refused.status_code == 422
    assert await house.rows("select id from agent where email = 'pia@trato.example'") == []
    good = text.rsplit("\n", 2)[0] + "\n"
    dry = await admin.post("/setup/agents/file", {"text": good})
    assert dry.status_code == 200
    assert await house.rows("select id from agent where email = 'pia@trato.example'") == []
    done = await admin.post("/setup/agents/file", {"text": good, "confirmed": "1"})
    assert "/welcome/" in done.text
    query = (
        "select a.role, a.language, t.name, (select count(*) from invitation) as links"
        " from agent a join team_member m on m.agent_id = a.id join team t on t.id = m.team_id where a.email = 'pia@trato.example'"
    )
    before = [tuple(row) for row in await house.rows(query)]
    facts = len(await pending_of(house))
    assert [row[:3] for row in before] == [("supervisor", "es", "Equipo Andes")]
    again = await admin.post("/setup/agents/file", {"text": good, "confirmed": "1"})
    assert "/welcome/" not in again.text
    assert [tuple(row) for row in await house.rows(query)] == before
    assert len(await pending_of(house)) == facts


async def test_latin_1_and_a_byte_order_mark_are_read(house: Running) -> None:
    admin = await signed_in(house, "admin")
    text = "nombre;correo\nÍñigo Peña;inigo{}@trato.example\n"
    for number, content in enumerate((text.encode("latin-1"), text.encode("utf-8-sig"), text.encode("utf-8").replace(b"\n", b"\r\n"))):
        file = {"file": ("gente.csv", content.replace(b"{}", str(number).encode()))}
        own = {"origin": house.url, "x-csrf-token": admin.csrf}
        answer = await admin.ask("POST", "/setup/agents/file", headers=own, files=file, data={"confirmed": "1"})
        assert answer.status_code == 200, answer.text
    assert {row.name for row in await house.rows("select name from agent where email like 'inigo%'")} == {"Íñigo Peña"}
    assert len(await house.rows("select id from agent where email like 'inigo%'")) == 3


async def test_a_formula_in_a_name_does_not_reach_a_spreadsheet(house: Running) -> None:
    admin = await signed_in(house, "admin")
    text = "name;email\n=1+1;formula@trato.example\nOther;other@trato.example\n"
    answer = await admin.post("/setup/agents/file", {"text": text, "confirmed": "1"})
    assert "%27%3D1%2B1" in answer.text
