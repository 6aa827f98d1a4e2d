"""Bringing the database to this version's shape. Safe to run by several releases at once: Alembic's table is locked first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from base.db import is_down
from base.errors import Unavailable

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Run every migration that this database lacks. Raises `Unavailable` when it does not answer."""
    try:
        command.upgrade(alembic_config(url), "head")
    except (OSError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not is_down(error):
            raise
        raise Unavailable("The database does not answer. Start it, or set MIGRATOR_DATABASE_URL to where it is.") from error
