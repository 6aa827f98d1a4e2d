"""Secrets of a local installation: made once, kept in one private file, never made anew over data they protect."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

from base.embedded.files import read_json, write_private_json
from base.errors import SettingsError
from base.settings import SECRETS_FILE

ADMIN_PASSWORD = "LOCAL_POSTGRES_PASSWORD"  # noqa: S105 - the name of a setting, not its value
REDIS_PASSWORD = "LOCAL_REDIS_PASSWORD"  # noqa: S105 - the name of a setting, not its value
ROLE_PASSWORDS = {
    "trato_migrator": "LOCAL_MIGRATOR_PASSWORD",
    "trato_app": "LOCAL_APP_PASSWORD",
    "trato_sequencer": "LOCAL_SEQUENCER_PASSWORD",
}


def local_secrets(var: Path, *, data_exists: bool) -> dict[str, str]:
    """The secrets under `var`; what is missing is made and kept, what is there is never changed.

    With `data_exists`, a missing file is an error: new keys would make what the old ones encrypted unreadable for ever.
    """
    path = var / SECRETS_FILE
    if data_exists and not path.exists():
        raise SettingsError(f"{path} is missing, but {var} holds data encrypted with it. Bring it back, or remove {var} to start empty.")
    kept = read_json(path)
    missing = {name: make() for name, make in _MAKERS.items() if not kept.get(name)}
    if missing:
        write_private_json(path, kept | missing)
    return kept | missing


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _password() -> str:
    return secrets.token_hex(24)


_MAKERS: dict[str, Callable[[], str]] = {
    "TRATO_KEYS": lambda: f"local1:{_key()}",
    "TRATO_INDEX_KEY": _key,
    "TRATO_SESSION_KEY": _key,
    "TRATO_LEDGER_KEY": _key,
    "TWILIO_ACCOUNT_SID": lambda: f"AC{secrets.token_hex(16)}",
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    ADMIN_PASSWORD: _password,
    REDIS_PASSWORD: _password,
    **dict.fromkeys(ROLE_PASSWORDS.values(), _password),
}
