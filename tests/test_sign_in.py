"""The door: who signs in gets a session of their own making, which nobody can plant, guess, borrow or outlive."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from staff.sessions import hash_of
from tests.doors import COOKIE, Visitor, cookie_of, csrf_on, signed_in, some_phone, stranger, try_to_sign_in
from tests.running import CHEAP_HASHER, REAL_HASHER, Running, hash_with, until


@pytest.fixture
def real_hasher() -> Iterator[None]:
    """Passwords cost what they cost in production."""
    hash_with(REAL_HASHER)
    yield
    hash_with(CHEAP_HASHER)


@pytest.mark.usefixtures("real_hasher")
async def test_passwords_and_secrets_are_kept_only_as_hashes(house: Running) -> None:
    ana = await signed_in(house)
    await stranger(house, "sol")
    [agent] = await house.rows("select password_hash from agent where id = :id", id=house.agents["sol"])
    assert agent.password_hash.startswith("$argon2id$v=19$m=65536,t=3,")
    dump = str(await house.rows("select * from agent_session")) + str(await house.rows("select * from api_token"))
    assert ana.secret not in dump
    assert house.tokens["ana"] not in dump


async def test_the_cookie_is_bound_to_this_host_and_closed_to_scripts_and_other_sites(house: Running) -> None:
    answer = await try_to_sign_in(house, "ANA@trato.example ", house.password("ana@trato.example"))
    parts = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert {"secure", "httponly", "samesite=strict", "path=/", "max-age=43200"} <= set(parts)
    assert not any(part.startswith("domain") for part in parts)
    assert len(cookie_of(answer)) >= 43  # 256 bits


async def test_an_unknown_email_and_a_wrong_password_are_answered_alike(house: Running) -> None:
    async def answer(email: str) -> tuple[int, str, dict[str, str]]:
        got = await try_to_sign_in(house, email, "not the password", place="127.0.0.7")
        headers = {name: value for name, value in got.headers.items() if name not in ("date", "content-length")}
        return got.status_code, got.text.replace(email, "EMAIL"), headers

    known, unknown = await answer("luis@trato.example"), await answer("nobody@trato.example")
    assert known == unknown
    assert known[0] == 422
    assert "set-cookie" not in known[2]


@pytest.mark.usefixtures("real_hasher")
async def test_an_unknown_email_costs_as_much_work_as_a_wrong_password(house: Running) -> None:
    async def seconds(email: str) -> float:
        spent = []
        for _ in range(3):
            began = time.process_time()
            await try_to_sign_in(house, email, "not the password", place="127.0.0.8")
            spent.append(time.process_time() - began)
        return min(spent)

    await stranger(house, "lia")
    known, unknown = await seconds("lia@trato.example"), await seconds("nobody-2@trato.example")
    assert 0.5 < known / unknown < 2.0, (known, unknown)


async def test_ten_tries_for_an_email_are_enough_even_with_the_right_password(house: Running) -> None:
    await stranger(house, "tom")
    right = house.password("tom@trato.example")
    for email in ("tom@trato.example", "ghost@trato.example"):
        assert (await try_to_sign_in(house, email.upper(), "wrong", place="127.0.1.1")).status_code == 422
        await set_tries(house, f"email:{email}", was=1, tries=9)
        answers = [await try_to_sign_in(house, email, "wrong", place=f"127.0.1.{number}") for number in (2, 3)]
        assert [answer.status_code for answer in answers] == [422, 429]
    locked = await try_to_sign_in(house, "tom@trato.example", right, place="127.0.1.99")
    assert locked.status_code == 429
    assert "set-cookie" not in locked.headers
    async with house.product.db.transaction() as tx:
        await tx.run("update throttle set since = since - interval '11 minutes' where org_id = :org")
    assert (await try_to_sign_in(house, "tom@trato.example", right)).status_code == 303


async def set_tries(running: Running, what: str, *, was: int, tries: int) -> None:
    """Pretend that somebody tried before, for each try costs what a password's hash costs."""
    async with running.product.db.transaction() as tx:
        assert await tx.value("select tries from throttle where org_id = :org and key = :key", key=hash_of(what)) == was
        await tx.run("update throttle set tries = :tries where org_id = :org and key = :key", key=hash_of(what), tries=tries)


async def test_thirty_tries_at_once_are_thirty(house: Running) -> None:
    email = "crowd@trato.example"
    answers = await asyncio.gather(*(try_to_sign_in(house, email, "wrong", place=f"127.0.3.{number}") for number in range(1, 31)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 20


async def test_sixty_failures_from_one_place_close_it_and_successes_do_not_count(house: Running) -> None:
    place = "127.0.2.1"
    first = await try_to_sign_in(house, "ana@trato.example", house.password("ana@trato.example"), place=place)
    assert first.status_code == 303
    await set_tries(house, f"place:{place}", was=0, tries=59)
    statuses = [(await try_to_sign_in(house, f"spray-{number}@x.example", "wrong", place=place)).status_code for number in range(2)]
    assert statuses == [422, 429]
    assert (await try_to_sign_in(house, "spray-3@x.example", "wrong", place="127.0.2.2")).status_code == 422


async def test_a_cookie_that_an_attacker_chose_is_never_adopted(house: Running) -> None:
    planted = "attacker-chosen-id"
    assert (await Visitor(house, planted).get("/")).status_code == 303
    answer = await try_to_sign_in(
        house, "ana@trato.example", house.password("ana@trato.example"), headers={"cookie": f"{COOKIE}={planted}"}
    )
    assert cookie_of(answer) != planted
    assert (await Visitor(house, planted).get("/")).status_code == 303


async def test_signing_in_again_ends_the_session_before(house: Running) -> None:
    first = await signed_in(house)
    second = await try_to_sign_in(
        house, "luis@trato.example", house.password("luis@trato.example"), headers={"cookie": f"{COOKIE}={first.secret}"}
    )
    assert cookie_of(second) != first.secret
    assert (await first.get("/")).status_code == 303
    page = (await Visitor(house, cookie_of(second)).get("/")).text
    assert "luis@trato.example" in page


async def test_signing_out_ends_the_session_and_closes_its_sockets_but_no_others(house: Running) -> None:
    leaving, staying = await signed_in(house), await signed_in(house)
    async with leaving.line() as line, staying.line() as other:
        await line.say(t="hello", seen={})
        await line.hear("live")
        answer = await leaving.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert f'{COOKIE}=""' in answer.headers["set-cookie"] or f"{COOKIE}=;" in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert await line.closed() == 4401
        await other.say(t="hello", seen={})
        await other.hear("live")
    assert (await leaving.get("/")).status_code == 303
    assert (await staying.get("/")).status_code == 200


async def test_a_session_ends_after_twelve_hours(house: Running) -> None:
    ana = await signed_in(house)
    [row] = await house.rows("select ends_at - created_at as life from agent_session order by created_at desc limit 1")
    assert abs(row.life.total_seconds() - 12 * 3600) < 1
    async with house.product.db.transaction() as tx:
        await tx.run("update agent_session set ends_at = clock_timestamp() where org_id = :org and agent_id = :id", id=house.agents["ana"])
    assert (await ana.get("/")).status_code == 303


async def test_whoever_is_switched_off_is_out_at_once_and_cannot_come_back(house: Running) -> None:
    await stranger(house, "paz")
    paz = await signed_in(house, "paz")
    async with paz.line() as line:
        await line.say(t="hello", seen={})
        await line.hear("live")
        async with house.product.db.transaction() as tx:
            await tx.run("update agent set active = false where org_id = :org and id = :id", id=house.agents["paz"])
        assert (await paz.get("/")).status_code == 303
        assert await line.closed() == 4401
    answer = await try_to_sign_in(house, "paz@trato.example", house.password("paz@trato.example"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"x_csrf_token": ""},
        {"x_csrf_token": "0" * 64},
        {"x_csrf_token": "\xff"},
        {"x_csrf_token": "others"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://localhost:99999"},
        {"origin": "http://127.0.0.1:1"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
    ids=str,
)
async def test_a_change_needs_a_page_of_ours_and_this_sessions_token(house: Running, change: dict[str, str]) -> None:
    ana, luis = await sessions(house)
    given = {name: luis.csrf if value == "others" else value for name, value in change.items()}
    client = await house.new_client(some_phone())
    path = f"/c/{client['conversation_id']}/claim"
    assert (await ana.post(path, **given)).status_code == 403
    assert await house.timeline(client["id"]) == []


async def test_a_form_carries_its_token_without_scripts(house: Running) -> None:
    ana, luis = await sessions(house)
    client = await house.new_client(some_phone())
    path = f"/c/{client['conversation_id']}/claim"
    assert (await ana.ask("POST", path, data={"_csrf": luis.csrf})).status_code == 403
    assert (await ana.ask("POST", path)).status_code == 403
    assert (await ana.ask("POST", path, data={"_csrf": ana.csrf})).status_code == 200


_sessions: dict[str, Visitor] = {}


async def sessions(running: Running) -> tuple[Visitor, Visitor]:
    """Ana's and Luis' browsers, signed in again where another test ended their session."""
    for who in ("ana", "luis"):
        if who not in _sessions or (await _sessions[who].get("/")).status_code != 200:
            _sessions[who] = await signed_in(running, who)
    return _sessions["ana"], _sessions["luis"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1.evil.example"])
async def test_nobody_is_signed_in_by_another_sites_form(house: Running, origin: str) -> None:
    answer = await try_to_sign_in(house, "ana@trato.example", house.password("ana@trato.example"), headers={"origin": origin})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_page_that_needs_a_session_sends_to_the_door_and_back(house: Running) -> None:
    client = await house.new_client(some_phone())
    asked = f"/c/{client['conversation_id']}?view=team"
    answer = await Visitor(house).get(asked)
    assert answer.status_code == 303
    location = urlsplit(answer.headers["location"])
    assert (location.netloc, location.path, parse_qs(location.query)) == ("", "/sign-in", {"next": [asked]})
    door = await Visitor(house).get(answer.headers["location"])
    [onward] = re.findall(r'name="next" value="([^"]+)"', door.text)
    entered = await try_to_sign_in(house, "ana@trato.example", house.password("ana@trato.example"), next=onward.replace("&amp;", "&"))
    assert (entered.status_code, entered.headers["location"]) == (303, asked)
    again = await Visitor(house, cookie_of(entered)).get(answer.headers["location"])
    assert (again.status_code, again.headers["location"]) == (303, asked)


async def test_a_part_of_a_page_sends_the_whole_page_to_the_door(house: Running) -> None:
    headers = {"hx-request": "true", "hx-request-type": "partial", "hx-current-url": f"{house.url}/c/1?view=mine"}
    answer = await Visitor(house).ask("GET", "/queue", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fc%2F1%3Fview%3Dmine")
    foreign = await Visitor(house).ask("GET", "/queue", headers=headers | {"hx-current-url": "https://evil.example//evil.example/x"})
    assert foreign.headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nset-cookie: x=1",
        "",
    ],
)
async def test_the_door_leads_nowhere_else(house: Running, onward: str) -> None:
    page = await Visitor(house).ask("GET", "/sign-in", params={"next": onward})
    assert "evil" not in page.text
    answer = await try_to_sign_in(house, "ana@trato.example", house.password("ana@trato.example"), next=onward)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "x=1" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "form",
    [
        {"content": b"email=%00%ff&password=%00", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"email=a%ED%A0%80@b.co&password=%ED%A0%80", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b'{"email": "a"}', "headers": {"content-type": "application/json"}},
        {"files": {"email": b"\xff\xfe", "password": ("x.bin", b"\x00")}},
        {"data": {"email": "a" * 50_000, "password": "b" * 50_000}},
        {"data": {}},
    ],
    ids=["nul", "surrogate", "json", "files", "long", "empty"],
)
async def test_whatever_is_typed_the_door_says_that_it_is_not_right(house: Running, form: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=house.url, verify=False) as http:
        answer = await http.post("/sign-in", **form)
    assert answer.status_code == 422
    assert "no son correctos" in answer.text or "correct" in answer.text


async def test_failed_and_good_tries_are_in_the_ledger(house: Running, house_worker: None) -> None:
    await try_to_sign_in(house, "luis@trato.example", "wrong")
    luis = await signed_in(house, "luis")
    await luis.post("/sign-out")

    async def actions() -> set[str]:
        rows = await house.rows(
            "select distinct body::jsonb ->> 'action' as action from audit_entry where subject = :luis", luis=house.agents["luis"]
        )
        found = {row.action for row in rows}
        return found if {"sign_in.failed", "sign_in.succeeded", "sign_out"} <= found else set()

    assert await until(actions)
    assert csrf_on((await (await sessions(house))[0].get("/")).text)
