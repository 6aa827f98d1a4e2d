"""The local PostgreSQL and Redis together: the same for `make run` and for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from base.embedded.binaries import find_postgres, find_redis
from base.embedded.children import Child, Supervisor
from base.embedded.ports import kept_ports
from base.embedded.postgres import Postgres
from base.embedded.redis import Redis
from base.embedded.secrets import local_secrets

_START_SECONDS = 60.0
_PATIENCE = 12


class LocalServers:
    """The servers that `environ` does not name: none, one or both. `folder` keeps their data, ports, logs and secrets."""

    def __init__(self, folder: Path, environ: Mapping[str, str], *, durable: bool = True) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "log").mkdir(mode=0o700, exist_ok=True)
        self.secrets = local_secrets(folder, data_exists=Postgres.has_data(folder))
        ports = kept_ports(folder / "ports.json", ("postgres", "redis"))
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        if not environ.get("DATABASE_URL"):
            self.postgres = Postgres(find_postgres(environ), folder, ports["postgres"], self.secrets, durable=durable)
        if not environ.get("REDIS_URL"):
            self.redis = Redis(find_redis(environ), folder, ports["redis"], self.secrets)
        self.postgres_child: Child | None = None
        self.redis_child: Child | None = None

    @property
    def urls(self) -> dict[str, str]:
        """Settings that name the servers we run."""
        urls: dict[str, str] = {}
        if self.postgres:
            urls["DATABASE_URL"] = self.postgres.url("trato_app")
            urls["SEQUENCER_DATABASE_URL"] = self.postgres.url("trato_sequencer")
            urls["MIGRATOR_DATABASE_URL"] = self.postgres.url("trato_migrator")
        if self.redis:
            urls["REDIS_URL"] = self.redis.url
        return urls

    async def start(self, supervisor: Supervisor) -> None:
        """Start them and wait until both are ready, with roles and database. Raises `ChildFailed` with the reason."""
        if self.postgres:
            self.postgres_child = await supervisor.keep(await self.postgres.prepare())
        if self.redis:
            self.redis_child = await supervisor.keep(self.redis.prepare())
        if self.postgres and self.postgres_child:
            # Backends that a killed server left behind keep the data busy for as long as their statement runs.
            await self.postgres_child.until_ready(_START_SECONDS, endings=_PATIENCE)
            await self.postgres.make_roles()
        if self.redis_child:
            await self.redis_child.until_ready(_START_SECONDS)

    def close(self) -> None:
        """Let go of what is held for the servers' sake."""
        if self.postgres:
            self.postgres.close()
