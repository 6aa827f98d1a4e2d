"""Child processes: started in their own session, ready before they are used, restarted when they end, never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

_READY_POLL = 0.05
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_STEADY_AFTER = 10.0
STOP_SECONDS = 10.0

Say = Callable[[str], None]
Ready = Callable[[], Awaitable[bool]]


class ChildFailed(Exception):
    """A child ended, or was not ready in time; the message names it and shows the end of its log, which may be gone later."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:] if log and log.exists() else []
        super().__init__("\n    ".join([f"{message} The end of {log}:", *tail]) if tail else message)


@dataclass(frozen=True, slots=True)
class Account:
    """The system user a child runs as, when the launcher is root and the program refuses root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to run one child. `ready` asks once and answers at once; `death_signal` is what the kernel sends if we are killed."""

    name: str
    command: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(repr=False)
    ready: Ready | None = None
    cwd: Path | None = None
    account: Account | None = None
    pass_fds: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


class Child:
    """One process of a spec: started, awaited, stopped. Start and stop exclude each other."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.endings = 0
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process. Raises `ChildFailed` when the program cannot be run."""
        async with self._lock:
            if self.pid is not None:
                return
            try:
                log = os.open(self.spec.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    self._process = await self._spawn(log)
                finally:
                    os.close(log)
            except OSError as error:
                raise ChildFailed(f"{self.spec.name} cannot be started: {error}") from error

    async def wait(self) -> int:
        """Wait until the process ends; its exit code (negative: the signal that ended it)."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            await self._process.wait()
            self.endings += 1
            self._kill_group()
        return self._process.returncode or 0

    async def until_ready(self, seconds: float, endings: int = 3) -> None:
        """Wait until the spec's `ready` says yes. Raises `ChildFailed` after `seconds`, or when it ended that often meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                while not await self._is_ready():
                    if self.endings >= endings:
                        raise ChildFailed(f"{self.spec.name} keeps ending.", self.spec.log)
                    await asyncio.sleep(_READY_POLL)
        except TimeoutError as error:
            raise ChildFailed(f"{self.spec.name} was not ready after {seconds:.0f} s.", self.spec.log) from error

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end, wait, then kill what is left of it and of its group."""
        async with self._lock:
            if self._process is None or self._process.returncode is not None:
                return
            self._process.send_signal(self.spec.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), seconds)
            self._kill_group()
            await self._process.wait()

    def kill(self) -> None:
        """Kill the process and its group at once (-9)."""
        if self.pid is not None:
            self._kill_group()

    def _kill_group(self) -> None:
        # Only ever called while the process runs or has just ended: later its number may be somebody else's.
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _is_ready(self) -> bool:
        if self.pid is None:
            return False
        return self.spec.ready is None or await self.spec.ready()

    async def _spawn(self, log: int) -> asyncio.subprocess.Process:
        spec = self.spec
        return await asyncio.create_subprocess_exec(
            *spec.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(spec.env),
            cwd=spec.cwd,
            pass_fds=spec.pass_fds,
            # Its own session: Ctrl-C in a terminal must reach the launcher only, which then stops children in order.
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), spec.death_signal),
            user=spec.account.uid if spec.account else None,
            group=spec.account.gid if spec.account else None,
            extra_groups=[] if spec.account else None,
        )


class Supervisor:
    """Keeps children running until it is stopped: who ends is started again, sooner at first, later when it keeps ending."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._children: list[Child] = []
        self._keepers: dict[Child, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    @property
    def children(self) -> tuple[Child, ...]:
        """All children in the order they were added."""
        return tuple(self._children)

    async def run(self, spec: ChildSpec) -> int:
        """Run a child once, to its end; its exit code. It is stopped with the others if they are stopped meanwhile."""
        child = Child(spec)
        self._children.append(child)
        try:
            await child.start()
            return await child.wait()
        finally:
            await child.stop()
            self._children.remove(child)

    async def keep(self, spec: ChildSpec) -> Child:
        """Start a child, and again whenever it ends; stopped before those that were there earlier."""
        child = Child(spec)
        self._children.append(child)
        await self.keep_again(child)
        return child

    async def keep_again(self, child: Child) -> None:
        """Start a child that was let go, and keep it from now on."""
        await child.start()
        self._keepers[child] = asyncio.create_task(self._keep(child), name=f"keep {child.spec.name}")

    async def let_go(self, child: Child) -> None:
        """Leave a child alone from now on: it is stopped with the others, but not started again."""
        keeper = self._keepers.pop(child, None)
        if keeper:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def stop(self) -> None:
        """Stop every child, the last added first, each within `STOP_SECONDS`."""
        self._stopping.set()
        for child in reversed(self._children):
            await child.stop()
        await asyncio.gather(*self._keepers.values())
        # A keeper may have been starting its child at the very moment it was stopped.
        for child in reversed(self._children):
            await child.stop()

    def kill_all(self) -> None:
        """Kill every child at once (-9)."""
        for child in self._children:
            child.kill()

    async def _keep(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            since = loop.time()
            code = await child.wait()
            if self._stopping.is_set():
                return
            pause = _FIRST_PAUSE if loop.time() - since > _STEADY_AFTER else min(pause * 2, _LONGEST_PAUSE)
            self._say(f"{child.spec.name} ended ({_ending(code)}); starting it again. Its log is {child.spec.log}.")
            await self._restart(child, pause)

    async def _restart(self, child: Child, pause: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
        if self._stopping.is_set():
            return
        try:
            await child.start()
        except ChildFailed as error:
            self._say(str(error))


def die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """What a new child calls before it becomes its program: the kernel shall signal it when `parent` dies, however that happens."""

    def ask_the_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before we could ask
            os._exit(1)

    return ask_the_kernel


def _ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.strsignal(-code) or f"signal {-code}"
