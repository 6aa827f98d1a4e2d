"""A Redis server of our own under ``TRATO_VAR``, on the loopback, with a password and an append-only file."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import redis.asyncio
import redis.exceptions

from base.embedded.children import ChildSpec
from base.embedded.files import write_private
from base.embedded.secrets import REDIS_PASSWORD


class Redis:
    """One server with its data in `folder`/redis and its log in `folder`/log."""

    def __init__(self, program: Path, folder: Path, port: int, secrets: Mapping[str, str]) -> None:
        self._program = program
        self._data = folder / "redis"
        self._log = folder / "log" / "redis.log"
        self._port = port
        self._password = secrets[REDIS_PASSWORD]

    @property
    def url(self) -> str:
        """Where programs reach it."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def prepare(self) -> ChildSpec:
        """Write its settings; what to run."""
        self._data.mkdir(mode=0o700, exist_ok=True)
        settings = self._data / "redis.conf"
        # In a file, not on the command line: there every user of the machine could read the password.
        write_private(settings, self._settings())
        return ChildSpec(
            name="redis",
            command=(str(self._program), str(settings)),
            log=self._log,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            ready=self.is_ready,
            cwd=self._data,
            death_signal=signal.SIGTERM,
        )

    async def is_ready(self) -> bool:
        """Whether it answers, with its data loaded."""
        client = redis.asyncio.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2)
        try:
            return bool(await client.ping())
        except (redis.exceptions.RedisError, OSError):
            return False
        finally:
            await client.aclose()

    def _settings(self) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "requirepass": self._password,
            "dir": ".",  # the folder it is started in: a path with spaces or above a private folder never matters
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())
