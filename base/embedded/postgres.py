"""A PostgreSQL server of our own under ``TRATO_VAR``: made, started and given its roles, also when we are root."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from base.embedded.account import account_for, handed_over, opened, path_of, reachable_programs, run_as
from base.embedded.children import Account, ChildFailed, ChildSpec
from base.embedded.secrets import ADMIN_PASSWORD, ROLE_PASSWORDS

DATABASE = "trato"
_ADMIN = "postgres"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# For data that a test throws away: a crash of the server loses nothing even so, only a power cut could.
_HASTY = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """One server with its data in `folder`/postgres and its log in `folder`/log."""

    def __init__(self, programs: Path, folder: Path, port: int, secrets: Mapping[str, str], *, durable: bool = True) -> None:
        self._given_programs = programs
        self._data = folder / "postgres"
        self._log = folder / "log" / "postgres.log"
        self._port = port
        self._secrets = secrets
        self._settings = _SETTINGS | {"port": str(port)} | ({} if durable else _HASTY)
        self._folder_fd = -1

    @staticmethod
    def has_data(folder: Path) -> bool:
        """Whether a server was already made under `folder`."""
        return (folder / "postgres" / "PG_VERSION").exists()

    @property
    def admin_url(self) -> str:
        """The superuser's URL; only for making roles and for tests."""
        return f"postgresql://{_ADMIN}:{self._secrets[ADMIN_PASSWORD]}@127.0.0.1:{self._port}/postgres"

    def url(self, role: str) -> str:
        """The URL of one of the product's three roles."""
        return f"postgresql://{role}:{self._secrets[ROLE_PASSWORDS[role]]}@127.0.0.1:{self._port}/{DATABASE}"

    async def prepare(self) -> ChildSpec:
        """Make the data folder if there is none; what to run. Raises `ChildFailed` or `SettingsError` when that cannot be."""
        if not self._data.exists():
            await asyncio.to_thread(self._make)
        account = account_for(self._data)
        programs = await asyncio.to_thread(reachable_programs, self._given_programs, account)
        self._folder_fd = os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)
        return self._spec(programs, account)

    def close(self) -> None:
        """Let go of the data folder."""
        if self._folder_fd >= 0:
            os.close(self._folder_fd)
            self._folder_fd = -1

    async def is_ready(self) -> bool:
        """Whether the server takes connections. Raises `ChildFailed` when it refuses our password: it is not the one we made."""
        try:
            connection = await asyncpg.connect(self.admin_url, timeout=2)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError as error:
            raise ChildFailed(f"PostgreSQL in {self._data} has other passwords than secrets.json. Bring the right file back.") from error
        await connection.close()
        return True

    async def make_roles(self) -> None:
        """Make the three roles and the database, or set them right; `trato migrate` grants them their tables."""
        connection = await asyncpg.connect(self.admin_url, timeout=5)
        try:
            for role, secret in ROLE_PASSWORDS.items():
                exists = await connection.fetchval("select true from pg_roles where rolname = $1", role)
                # The password is one of ours, hexadecimal, so it needs no quoting; roles take no bound parameters.
                await connection.execute(f"{'alter' if exists else 'create'} role {role} login password '{self._secrets[secret]}'")
            if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
                await connection.execute(f"create database {DATABASE} owner trato_migrator")
            await connection.execute(f"revoke all on database {DATABASE} from public")
            await connection.execute(f"grant connect on database {DATABASE} to trato_app, trato_sequencer")
        finally:
            await connection.close()

    def _make(self) -> None:
        # Made aside and then renamed: a folder that was left half-made is never taken for data.
        making = self._data.with_name("postgres-making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        account = account_for(making)
        programs = reachable_programs(self._given_programs, account)
        with opened(making) as folder, handed_over(self._secrets[ADMIN_PASSWORD], account) as password:
            options = _initdb_options(programs, account, folder, password)
            result = run_as(account, [str(programs / "initdb"), *options], env=_environment(), pass_fds=(folder, password))
        self._log.write_text(result.stdout)
        if result.returncode != 0:
            raise ChildFailed(f"PostgreSQL could not make its data folder {self._data}:\n{result.stdout.strip()}")
        making.rename(self._data)

    def _spec(self, programs: Path, account: Account | None) -> ChildSpec:
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        return ChildSpec(
            name="postgres",
            command=(str(programs / "postgres"), "-D", path_of(self._folder_fd), *settings),
            log=self._log,
            env=_environment(),
            ready=self.is_ready,
            cwd=Path("/"),
            account=account,
            pass_fds=(self._folder_fd,),
            stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for every client to leave
            death_signal=signal.SIGINT,
        )


def _initdb_options(programs: Path, account: Account | None, folder: int, password: int) -> list[str]:
    options = ["-D", path_of(folder), "-U", _ADMIN, f"--pwfile={path_of(password)}"]
    options += ["--auth-local=reject", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
    if _major_version(programs, account) >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _major_version(programs: Path, account: Account | None) -> int:
    answer = run_as(account, [str(programs / "postgres"), "--version"], env=_environment()).stdout
    found = re.search(r"(\d+)", answer)
    if not found:
        raise ChildFailed(f"{programs / 'postgres'} does not tell its version: {answer.strip()}")
    return int(found.group(1))


def _environment() -> dict[str, str]:
    # Nothing of ours: PGPORT, PGDATA and the like would change what the server does.
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
