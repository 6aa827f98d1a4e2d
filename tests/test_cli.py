"""The command line: one sentence when something is expected to be wrong, and exit codes that scripts can trust."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from console import cli
from tests.doors import Visitor, some_phone
from tests.running import Running, until
from tests.servers import Servers

TRATO = Path(sys.executable).parent / "trato"
RUNNING = ("DATABASE_URL", "REDIS_URL", "SEQUENCER_DATABASE_URL", "MIGRATOR_DATABASE_URL", "CARRIER", "DEMO", "PORT", "SIMULATOR_PORT")


@pytest.fixture(scope="module")
def var(servers: Servers, house: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the launcher leaves it: secrets, and where its servers listen."""
    folder = tmp_path_factory.mktemp("var")
    running = {name: servers.env[name] for name in RUNNING}
    (folder / "running.json").write_text(json.dumps(running))
    (folder / "secrets.json").write_text(
        json.dumps({name: value for name, value in servers.env.items() if name not in running | {"TRATO_VAR": ""}})
    )
    return folder


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


Trato = Callable[..., Awaitable[Done]]


@pytest.fixture
def trato(var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Trato:
    """The command, with nothing in its environment but TRATO_VAR and what a test gives; in this process, where it starts faster."""

    async def run(*arguments: str, env: Mapping[str, str] | None = None) -> Done:
        with monkeypatch.context() as patch:
            patch.setattr(cli, "set_up_logging", lambda style: None)
            for name in list(os.environ):
                if name not in ("PATH", "HOME", "LANG", "TMPDIR"):
                    patch.delenv(name)
            for name, value in ({"TRATO_VAR": str(var)} | dict(env or {})).items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = await asyncio.to_thread(_exit_code, list(arguments))
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return run


def _exit_code(arguments: list[str]) -> int:
    try:
        return cli.main(arguments)
    except SystemExit as left:
        return int(left.code or 0)


async def test_the_installed_command_prints_a_token_and_nothing_else(house: Running, var: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    command = [str(TRATO), "token", "ana@trato.example"]
    done = await asyncio.to_thread(
        subprocess.run, command, env=clean | {"TRATO_VAR": str(var)}, capture_output=True, text=True, check=False, timeout=180, cwd=var
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("trato_")
    assert done.stdout.count("\n") == 1


async def test_token_prints_a_token_that_works_and_nothing_else(house: Running, trato: Trato) -> None:
    done = await trato("token", "ANA@trato.example")
    assert (done.returncode, done.stderr) == (0, "")
    token = done.stdout.strip()
    assert done.stdout == f"{token}\n"
    assert token.startswith("trato_")
    house.tokens["by-hand"] = token
    async with house.api("by-hand") as api:
        assert (await api.get("/api/v1/conversations")).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("token", "nobody@trato.example"), 1, "no active agent with the email nobody@trato.example"),
        (("token", "'; drop table agent; --"), 1, "no active agent"),
        (("kill-switch", "sms"), 1, "--reason"),
        (("kill-switch", "fax", "--reason", "x"), 1, "must be one of"),
        (("token",), 2, "email"),
        (("ledger", "improve"), 2, "invalid choice"),
        (("dance",), 2, "invalid choice"),
    ],
)
async def test_what_is_wrong_is_said_in_one_sentence(trato: Trato, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    done = await trato(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.startswith("trato: ")
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"CARRIER": "pigeon"}, "CARRIER"),
        ({"CARRIER": "simulator", "TWILIO_API_URL": "https://api.twilio.com"}, "TWILIO_API_URL"),
        ({"CARRIER": "live"}, "DATABASE_URL"),
        ({"PUBLIC_URL": "ftp://x"}, "PUBLIC_URL"),
        ({"TRATO_VAR": "/nonexistent"}, "is not set"),
    ],
    ids=str,
)
async def test_a_wrong_setting_stops_the_start_and_says_what_to_set(trato: Trato, env: dict[str, str], sentence: str) -> None:
    for command in (("web",), ("worker",), ("token", "ana@trato.example")):
        done = await trato(*command, env=env)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("trato: ")
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


async def test_a_database_that_is_not_there_is_a_sentence(trato: Trato) -> None:
    nowhere = "postgresql://trato_app:secret@127.0.0.1:1/trato"
    for command in (("token", "ana@trato.example"), ("worker",), ("migrate",), ("ledger", "verify")):
        done = await trato(*command, env={"DATABASE_URL": nowhere, "MIGRATOR_DATABASE_URL": nowhere, "SEQUENCER_DATABASE_URL": nowhere})
        assert done.returncode == 1, done.stderr
        assert done.stderr.startswith("trato: "), done.stderr
        assert "Traceback" not in done.stderr
        assert "secret" not in done.stderr


async def test_the_kill_switch_stops_sends_and_lets_them_go_again(house: Running, trato: Trato) -> None:
    client = await house.new_client(some_phone())
    path, body = f"/api/v1/debtors/{client['id']}/messages", {"channel": "sms", "text": "hola"}
    async with house.api("ana") as api:
        for channel in ("sms", "*"):
            assert (await trato("kill-switch", channel, "--reason", "orden del juez")).returncode == 0
            refused = await api.post(path, json=body)
            assert refused.json()["verdict"]["rule"] == "kill_switch"
            assert "orden del juez" in refused.json()["verdict"]["text"]
            assert (await trato("kill-switch", channel, "--lift")).returncode == 0
        assert (await api.post(path, json=body)).status_code == 202


async def test_verify_tells_an_altered_ledger_by_its_exit_code(house: Running, house_worker: None, trato: Trato, servers: Servers) -> None:
    async def sealed() -> int:
        [(count,)] = await house.rows("select count(*) from audit_entry")
        return int(count)

    assert await until(sealed)
    good = await trato("ledger", "verify")
    assert good.returncode == 0, good.stdout
    assert "every one in its place" in good.stdout
    connection = await asyncpg.connect(servers.env["MIGRATOR_DATABASE_URL"])
    try:
        await connection.execute("update audit_entry set body = replace(body, '\"action\"', '\"akt1on\"') where seq = 0")
        bad = await trato("ledger", "verify")
        assert bad.returncode == 1
        assert "entry 0 was altered" in bad.stdout
    finally:
        await connection.execute("update audit_entry set body = replace(body, '\"akt1on\"', '\"action\"') where seq = 0")
        await connection.close()
    assert (await trato("ledger", "verify")).returncode == 0


async def test_seeding_twice_changes_nothing(house: Running, trato: Trato) -> None:
    counts = "select (select count(*) from agent), (select count(*) from person_key), (select count(*) from debtor)"
    before = list(await house.rows(counts))
    assert (await trato("seed")).returncode == 0
    assert (await trato("migrate")).returncode == 0
    assert list(await house.rows(counts)) == before


async def test_people_are_listed_with_the_passwords_of_this_installation(house: Running, trato: Trato) -> None:
    done = await trato("people")
    assert (done.returncode, done.stdout) == (0, ""), "without the demo nobody's password is known, once somebody works here"
    demo = await trato("people", env={"DEMO": "1"})
    assert house.password("ana@trato.example") in demo.stdout


async def test_a_link_for_a_new_password_is_printed_alone(house: Running, trato: Trato) -> None:
    done = await trato("invite", "ANA@trato.example")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{house.url}/welcome/")
    assert (await Visitor(house).get(done.stdout.strip().removeprefix(house.url))).status_code == 200
    assert (await trato("invite", "nobody@trato.example")).returncode == 1
