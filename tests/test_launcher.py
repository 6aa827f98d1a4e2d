"""The launcher: order, supervision, and above all that nothing keeps running when it ends, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psutil
import pytest

from base.embedded import account
from base.embedded.binaries import find_postgres, find_redis
from base.embedded.children import STOP_SECONDS, ChildFailed, ChildSpec, Supervisor
from base.embedded.ports import free_port, is_free, kept_ports
from base.embedded.secrets import local_secrets
from base.errors import SettingsError
from tests.servers import Servers, start_servers

ROOT = Path(__file__).resolve().parent.parent

WEB = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/health", "/_simulator/health") else 404)
        self.end_headers()
        self.wfile.write(b"ok")
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ[sys.argv[1]])), Answer).serve_forever()
"""
# Keeps a row per start, so that a later start tells whether data survive.
MIGRATE = """
import asyncio, os, asyncpg
async def main():
    connection = await asyncpg.connect(os.environ["MIGRATOR_DATABASE_URL"])
    await connection.execute("create table if not exists start (at timestamptz)")
    await connection.execute("insert into start values (now())")
    await connection.execute("grant select on start to trato_app")
    print(await connection.fetchval("select count(*) from start"), "starts")
asyncio.run(main())
"""
ONCE = "print('Ana · agent · ana@trato.example · a-password')"
WORKER = "import signal; print('working', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('stubborn', flush=True)\nwhile True: signal.pause()"

LAUNCH = """
import sys
from base.embedded.launcher import Programs, main
def run(name, *more):
    return (sys.executable, {folder!r} + "/" + name + ".py", *more)
sys.exit(main(programs=Programs(
    migrate=run("migrate"), seed=run("once"), people=run("once"),
    simulator=run("web", "SIMULATOR_PORT"), worker=run("worker"), web=run("web", "PORT"))))
"""


class Launch:
    """One launcher over small programs, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.port, self.simulator_port = free_port(), free_port()
        self.more: dict[str, str] = {}
        self.process: subprocess.Popen[str] | None = None
        self.seen: list[psutil.Process] = []
        for name, code in {"web": WEB, "migrate": MIGRATE, "once": ONCE, "worker": WORKER, "launch": LAUNCH}.items():
            self.write(name, code.replace("{folder!r}", repr(str(folder))))

    def write(self, name: str, code: str) -> None:
        """Put another program in the place of one."""
        (self.folder / f"{name}.py").write_text(code)

    @property
    def env(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PG_BIN", "REDIS_BIN") if name in os.environ}
        ports = {"PORT": str(self.port), "SIMULATOR_PORT": str(self.simulator_port)}
        return kept | ports | {"TRATO_VAR": str(self.var), "PYTHONPATH": str(ROOT)} | self.more

    def start(self, command: list[str] | None = None) -> Launch:
        """Start it, in a session of its own as a terminal would, and go on at once."""
        self.process = subprocess.Popen(
            command or [sys.executable, str(self.folder / "launch.py")],
            env=self.env, cwd=self.folder, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return self

    def until_up(self) -> list[str]:
        """Read its lines until it says that everything runs."""
        return self.until_says("Ctrl-C stops everything")

    def until_says(self, words: str) -> list[str]:
        """Read its lines until one has these words."""
        lines: list[str] = []
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if words in line:
                return lines
        raise AssertionError("\n".join(lines))

    def until_ended(self) -> tuple[int, str]:
        """Its exit code and the rest of its words."""
        assert self.process is not None
        words, _ = self.process.communicate(timeout=120)
        return self.process.returncode, words

    def family(self) -> list[psutil.Process]:
        """The started process and everything below it, with the servers' own children."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        self.seen = [top, *top.children(recursive=True)]
        return self.seen

    def clear_up(self) -> None:
        """End what a failed test left running."""
        if self.process and self.process.poll() is None:
            self.family()
        for each in self.seen:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        if self.process:
            self.process.communicate()

    def pids(self, word: str) -> set[int]:
        """The processes of the launcher whose command has `word`."""
        return {each.pid for each in self.family()[1:] if _is_child(each, self.launcher, word)}

    @property
    def launcher(self) -> int:
        """The launcher's own process id."""
        return int(json.loads((self.var / "running.json").read_text())["LAUNCHER_PID"])


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    made = Launch(tmp_path)
    yield made
    made.clear_up()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = start_servers(tmp_path_factory.mktemp("servers"))
    yield made
    made.stop()


def gone(family: list[psutil.Process], seconds: float = 60) -> bool:
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.05)


def test_it_starts_in_order_tells_where_everything_is_and_ctrl_c_stops_it_all(launch: Launch) -> None:
    words = "\n".join(launch.start().until_up())

    assert f"Console     http://127.0.0.1:{launch.port}" in words
    assert f"Simulator   http://127.0.0.1:{launch.simulator_port}" in words
    assert "Ana · agent · ana@trato.example · a-password" in words
    order = ["PostgreSQL and Redis", "migrated", "simulator", "first people", "Worker and web", "Console"]
    assert sorted(order, key=words.index) == order
    assert not [path for path in (launch.var / "log").iterdir() if "a-password" in path.read_text() and path.name != "seed.log"]
    running = launch.var / "running.json"
    assert stat.S_IMODE(running.stat().st_mode) == 0o600
    told = {"DATABASE_URL", "MIGRATOR_DATABASE_URL", "SEQUENCER_DATABASE_URL", "REDIS_URL", "CARRIER", "PORT", "SIMULATOR_PORT"}
    assert told <= set(json.loads(running.read_text()))

    family = launch.family()
    assert launch.process is not None
    os.killpg(launch.process.pid, signal.SIGINT)
    assert launch.until_ended()[0] == 0
    assert gone(family, 5)
    assert not running.exists()
    assert "database system is shut down" in (launch.var / "log" / "postgres.log").read_text()


def test_killed_children_come_back_and_data_survive_a_second_start(launch: Launch) -> None:
    launch.start().until_up()
    killed = {word: launch.pids(word) for word in ("postgres", "-server 127.0.0.1", "worker.py", "web.py PORT", "web.py SIMULATOR_PORT")}
    assert [len(pids) for pids in killed.values()] == [1] * 5
    for pids in killed.values():
        os.kill(min(pids), signal.SIGKILL)

    for word, pids in killed.items():
        until(lambda word=word, pids=pids: len(launch.pids(word) - pids) == 1)
    until(lambda: not is_free(launch.port))
    family = launch.family()
    os.kill(launch.launcher, signal.SIGTERM)
    code, words = launch.until_ended()
    assert code == 0
    assert "worker ended (Killed); starting it again" in words
    assert gone(family, 5)

    ports = (launch.var / "ports.json").read_text()
    launch.start().until_up()
    assert (launch.var / "log" / "migrate.log").read_text().split("\n")[-2] == "2 starts"
    assert (launch.var / "ports.json").read_text() == ports


def test_kill_9_of_the_launcher_leaves_nothing(launch: Launch) -> None:
    launch.write("worker", STUBBORN)
    launch.start().until_up()
    family = launch.family()
    os.kill(launch.launcher, signal.SIGKILL)
    assert gone(family)
    assert "database system is shut down" in (launch.var / "log" / "postgres.log").read_text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_ending_make_ends_everything(launch: Launch, how: signal.Signals) -> None:
    makefile = launch.folder / "Makefile"
    makefile.write_text(f"run:\n\t@exec {sys.executable} {launch.folder}/launch.py --parent $$PPID\n")
    launch.start(["make", "-f", str(makefile), "run"]).until_up()
    family = launch.family()
    assert launch.process is not None
    assert launch.process.pid != launch.launcher
    os.kill(launch.process.pid, how)
    assert gone(family)


def test_ctrl_c_stops_what_a_script_started_in_the_background(launch: Launch) -> None:
    """A shell without job control starts what it sends to the background deaf to SIGINT; the launcher hears it all the same."""
    deaf = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    launch.start([sys.executable, "-c", deaf, sys.executable, str(launch.folder / "launch.py")]).until_up()
    family = launch.family()
    os.kill(launch.launcher, signal.SIGINT)
    assert launch.until_ended()[0] == 0
    assert gone(family, 5)


def test_a_signal_while_it_starts_stops_what_was_started(launch: Launch) -> None:
    launch.write("migrate", STUBBORN)
    launch.start()
    until(lambda: "stubborn" in _text(launch.var / "log" / "migrate.log"))
    family = launch.family()
    since = time.monotonic()
    os.kill(launch.launcher, signal.SIGTERM)
    launch.until_says("Stopping")
    os.kill(launch.launcher, signal.SIGTERM)  # the second does not wait for the stubborn
    assert launch.until_ended()[0] == 0
    assert gone(family, 5)
    assert time.monotonic() - since < STOP_SECONDS


def test_a_program_that_fails_is_shown_with_the_end_of_its_log(launch: Launch) -> None:
    launch.write("migrate", "raise SystemExit('no such column: colour')")
    code, words = launch.start().until_ended()
    assert code == 1
    assert "migrate failed" in words
    assert "no such column: colour" in words


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_told_before_anything_starts(launch: Launch, name: str) -> None:
    with socket.create_server(("127.0.0.1", int(launch.env[name]))):
        code, words = launch.start().until_ended()
    assert code == 2
    assert f"{name} {launch.env[name]} is taken" in words
    assert not (launch.var / "postgres").exists()


def test_a_second_launcher_on_the_same_folder_is_refused(launch: Launch) -> None:
    launch.start().until_up()
    other = Launch(launch.folder)
    code, words = other.start().until_ended()
    assert code == 2
    assert "already runs" in words
    assert str(launch.launcher) in words
    assert launch.process is not None
    assert launch.process.poll() is None


def test_servers_that_are_named_are_used_and_none_is_started(launch: Launch, tmp_path: Path) -> None:
    servers = start_servers(tmp_path / "elsewhere")
    try:
        launch.more = {name: value for name, value in servers.env.items() if name.endswith("DATABASE_URL") or name == "REDIS_URL"}
        launch.start().until_up()
        assert not launch.pids("postgres")
        assert not launch.pids("-server 127.0.0.1")
        assert not (launch.var / "postgres").exists()
        assert json.loads((launch.var / "running.json").read_text())["REDIS_URL"] == servers.env["REDIS_URL"]
    finally:
        servers.stop()


@pytest.mark.parametrize("how", ["fast", "immediate", "kill"])
def test_servers_of_tests_come_back_where_they_were(servers: Servers, how: Literal["fast", "immediate", "kill"]) -> None:
    servers.restart_postgres(how)
    with socket.create_connection(("127.0.0.1", urlsplit(servers.admin_url).port or 0), timeout=30):
        pass
    servers.kill_redis()
    port = urlsplit(servers.env["REDIS_URL"]).port or 0
    assert is_free(port)
    servers.start_redis()
    assert not is_free(port)


def test_a_folder_that_cannot_be_written_is_named(launch: Launch) -> None:
    launch.var.write_text("a file is in the way")
    code, words = launch.start().until_ended()
    assert code == 2
    assert f"TRATO_VAR is {launch.var}" in words


def test_a_wrong_setting_is_one_sentence(launch: Launch) -> None:
    launch.write("launch", "import os; os.environ['DEMO'] = 'maybe'\n" + (launch.folder / "launch.py").read_text())
    code, words = launch.start().until_ended()
    assert (code, words) == (2, "trato: DEMO is 'maybe'. Set it to 1 or 0.\n")


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = local_secrets(tmp_path, data_exists=False)
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert local_secrets(tmp_path, data_exists=True) == first
    assert len(first["TWILIO_AUTH_TOKEN"]) == 32
    assert first["TWILIO_ACCOUNT_SID"].startswith("AC")


def test_a_secret_that_was_put_there_is_kept_and_only_missing_ones_are_made(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"TWILIO_AUTH_TOKEN": "mine"}')
    made = local_secrets(tmp_path, data_exists=True)
    assert made["TWILIO_AUTH_TOKEN"] == "mine"
    assert json.loads((tmp_path / "secrets.json").read_text()) == made


def test_lost_secrets_are_never_made_anew_over_data(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"secrets\.json is missing"):
        local_secrets(tmp_path, data_exists=True)
    assert not list(tmp_path.iterdir())


async def test_a_program_that_is_never_ready_is_shown_with_the_end_of_its_log(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    supervisor = Supervisor(lambda _line: None)
    code = "print('port 15999 is in use', flush=True); import signal; signal.pause()"
    child = await supervisor.keep(ChildSpec("web0", (sys.executable, "-c", code), tmp_path / "web0.log", os.environ, never))
    await asyncio.to_thread(until, lambda: bool(_text(tmp_path / "web0.log")))
    with pytest.raises(ChildFailed, match=r"web0 was not ready after 0 s\.(.|\n)*port 15999 is in use") as failed:
        await child.until_ready(0.1)
    await supervisor.stop()
    (tmp_path / "web0.log").unlink()
    assert "port 15999" in str(failed.value), "whoever tells it later needs no file any more"


def test_ports_are_never_the_kernels_to_give_and_never_drawn_twice() -> None:
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    drawn = [free_port() for _ in range(500)]
    assert 1024 < min(drawn) < max(drawn) < ephemeral
    assert len(set(drawn)) == len(drawn)


def test_ports_are_kept_while_they_are_free(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    ports = kept_ports(file, ("postgres", "redis"))
    assert kept_ports(file, ("postgres", "redis")) == ports
    with socket.create_server(("127.0.0.1", ports["redis"])):
        moved = kept_ports(file, ("postgres", "redis"))
    assert moved["postgres"] == ports["postgres"]
    assert moved["redis"] != ports["redis"]


def test_given_programs_win_and_wrong_ones_are_named(tmp_path: Path) -> None:
    postgres, redis = find_postgres({}), find_redis({})
    assert find_postgres({"PG_BIN": str(postgres)}) == postgres
    assert find_redis({"REDIS_BIN": str(redis)}) == redis
    with pytest.raises(SettingsError, match="PG_BIN is"):
        find_postgres({"PG_BIN": str(tmp_path)})
    with pytest.raises(SettingsError, match="REDIS_BIN is"):
        find_redis({"REDIS_BIN": str(tmp_path / "none")})


def test_programs_below_a_private_folder_are_copied_where_the_server_can_run_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:
        open_folder, private = Path(name), Path(name) / "private"
        open_folder.chmod(0o755)
        private.mkdir(mode=0o700)
        shutil.copytree(find_postgres({}).parent, private / "install", symlinks=True)
        monkeypatch.setattr(account, "_COPIES", open_folder / "copies")
        user = account.account_for(private)
        private.chmod(0o700)
        if user:
            os.chown(private, 0, 0)

        programs = account.reachable_programs(private / "install" / "bin", user)

        answer = account.run_as(user, [str(programs / "initdb"), "--version"], env={}).stdout
        assert "PostgreSQL" in answer
        assert (private in programs.parents) == (user is None)


def _is_child(process: psutil.Process, parent: int, word: str) -> bool:
    try:
        return process.ppid() == parent and process.status() != psutil.STATUS_ZOMBIE and word in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
