"""`make run`: servers, migration, seed, then web, worker and simulator, supervised; stopping it leaves nothing running."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from base.embedded.children import ChildFailed, ChildSpec, Supervisor, die_with
from base.embedded.files import write_private_json
from base.embedded.health import answers
from base.embedded.ports import is_free
from base.embedded.programs import NOT_THE_SIMULATORS, SHARED, Programs, product_programs
from base.embedded.servers import LocalServers
from base.errors import SettingsError
from base.settings import RUNNING_FILE, Settings, read_settings

_LOCK_FILE = "launcher.lock"
_LOG_LIMIT = 5_000_000
_PROGRAM_SECONDS = 60.0


def main(argv: Sequence[str] | None = None, programs: Programs | None = None) -> int:
    """Run until a signal stops us; the exit code: 0 stopped, 1 a program failed, 2 a setting is wrong."""
    arguments = _arguments(argv)
    if arguments.parent:
        die_with(arguments.parent, signal.SIGTERM)()
    try:
        return _launch({name: value for name, value in os.environ.items() if value}, programs or product_programs())
    except SettingsError as error:
        _say(str(error))
        return 2
    except ChildFailed as error:
        _say(str(error))
        return 1


def _launch(environ: Mapping[str, str], programs: Programs) -> int:
    var = Path(environ.get("TRATO_VAR") or "var").absolute()
    _make_folder(var)
    with _locked(var):
        _rotate_logs(var / "log")
        servers = LocalServers(var, environ)
        env = {"CARRIER": "simulator", "DEMO": "1", **servers.secrets, **environ, **servers.urls, "TRATO_VAR": str(var)}
        settings = read_settings(env)
        _refuse_taken_ports(settings)
        write_private_json(var / RUNNING_FILE, {name: env[name] for name in SHARED if name in env} | _ports(settings))
        try:
            return asyncio.run(Launcher(var, env, settings, servers, programs).run())
        finally:
            (var / RUNNING_FILE).unlink(missing_ok=True)
            servers.close()


class Launcher:
    """Brings everything up in order, keeps it up, and takes it down in reverse."""

    def __init__(self, var: Path, env: Mapping[str, str], settings: Settings, servers: LocalServers, programs: Programs) -> None:
        self._log = var / "log"
        self._env = dict(env)
        self._settings = settings
        self._servers = servers
        self._programs = programs
        self._supervisor = Supervisor(_say)
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Run until a signal comes; a second one kills instead of waiting."""
        self._listen_for_signals()
        up = asyncio.create_task(self._up())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({up, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                await up  # raises what went wrong
                await stopping
        finally:
            await self._down(up, stopping)
        return 0

    async def _up(self) -> None:
        with _timed("PostgreSQL and Redis are ready"):
            await self._servers.start(self._supervisor)
        with _timed("The database is migrated"):
            await self._once("migrate", self._programs.migrate)
        if self._settings.simulated:
            with _timed("The carrier's simulator is ready"):
                await self._keep("simulator", self._programs.simulator, self._settings.simulator_port, "/_simulator/health")
        with _timed("The database has its first people"):
            await self._once("seed", self._programs.seed)
        with _timed("Worker and web are ready"):
            await self._keep("worker", self._programs.worker)
            await self._keep("web", self._programs.web, self._settings.port, "/health")
        await self._tell()

    async def _down(self, *tasks: asyncio.Task[object]) -> None:
        _say("Stopping…")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._supervisor.stop()
        _say("Everything is stopped. Your data is kept.")

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a closing terminal is no reason to stop.
            if wanted is not signal.SIGHUP or signal.getsignal(wanted) is not signal.SIG_IGN:
                loop.add_signal_handler(wanted, self._stop_or_kill)

    def _stop_or_kill(self) -> None:
        if self._stopping.is_set():
            self._supervisor.kill_all()
        self._stopping.set()

    async def _once(self, name: str, command: tuple[str, ...]) -> None:
        spec = self._spec(name, command)
        code = await self._supervisor.run(spec)
        if code != 0:
            raise ChildFailed(f"{name} failed.", spec.log)

    async def _keep(self, name: str, command: tuple[str, ...], port: int = 0, path: str = "") -> None:
        child = await self._supervisor.keep(self._spec(name, command, f"http://127.0.0.1:{port}{path}" if port else ""))
        await child.until_ready(_PROGRAM_SECONDS)

    def _spec(self, name: str, command: tuple[str, ...], health: str = "") -> ChildSpec:
        hidden = NOT_THE_SIMULATORS if name == "simulator" else ()
        env = {key: value for key, value in self._env.items() if key not in hidden}
        ready = (lambda: answers(health)) if health else None
        return ChildSpec(name=name, command=command, log=self._log / f"{name}.log", env=env | {"PYTHONUNBUFFERED": "1"}, ready=ready)

    async def _tell(self) -> None:
        settings = self._settings
        people = await self._people()
        lines = ["", f"  Console     {settings.public_url}"]
        if settings.simulated:
            lines.append(f"  Simulator   http://127.0.0.1:{settings.simulator_port}")
        if people:
            lines += ["  People", *(f"    {line}" for line in people)]
        lines += [f"  Logs        {self._log}", "", "  Ctrl-C stops everything; your data is kept.", ""]
        _print("\n".join(lines))

    async def _people(self) -> list[str]:
        written = self._log / "people.log"
        written.unlink(missing_ok=True)
        await self._once("people", self._programs.people)
        try:
            return [line for line in written.read_text(encoding="utf-8").splitlines() if line.strip()]
        finally:
            # It may hold passwords: they are shown once, and a log is no place for them.
            written.unlink()


def _make_folder(var: Path) -> None:
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        (var / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"TRATO_VAR is {var}, where nothing can be written ({error}). Set it to a folder of yours.") from error


@contextlib.contextmanager
def _locked(var: Path) -> Iterator[None]:
    """Only one launcher at a time works on a folder; the kernel lets go of the lock however the launcher ends."""
    with open(var / _LOCK_FILE, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            other = file.read().strip() or "unknown"
            raise SettingsError(
                f"Trato already runs on {var} (process {other}). Stop it first, or set TRATO_VAR, PORT and SIMULATOR_PORT to start another."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _refuse_taken_ports(settings: Settings) -> None:
    wanted = {"PORT": settings.port} | ({"SIMULATOR_PORT": settings.simulator_port} if settings.simulated else {})
    for name, port in wanted.items():
        if not is_free(port):
            raise SettingsError(f"{name} {port} is taken by another program. Stop that, or choose another: make run {name}={port + 10}")


def _ports(settings: Settings) -> dict[str, str]:
    return {"PORT": str(settings.port), "SIMULATOR_PORT": str(settings.simulator_port), "LAUNCHER_PID": str(os.getpid())}


def _rotate_logs(folder: Path) -> None:
    for log in folder.glob("*.log"):
        if log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    since = time.monotonic()
    yield
    _say(f"{what} ({time.monotonic() - since:.1f} s).")


def _say(line: str) -> None:
    _print(f"trato: {line}")


def _print(text: str) -> None:
    # Who read our words may be gone, e.g. a `tee` that Ctrl-C reached first: no reason to stop in disorder.
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="trato up", description=__doc__)
    parser.add_argument("--parent", type=int, default=0, help="stop when this process, which must be our parent, is gone")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
