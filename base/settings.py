"""Settings: read once, at start; a wrong one stops the start with a sentence that says what to set."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from base.errors import SettingsError

TWILIO_API = "https://api.twilio.com"
MAGIC_SENDER = "+15005550006"  # a carrier's own for tests: it reaches nobody
TWILIO_MESSAGING = "https://messaging.twilio.com"
TWILIO_CONTENT = "https://content.twilio.com"
SECRETS_FILE = "secrets.json"
RUNNING_FILE = "running.json"
_ACCOUNT = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the programs are told from outside. Secrets never appear in its repr."""

    var: Path
    port: int
    simulator_port: int
    smtp_port: int
    database_url: str = field(repr=False)
    sequencer_database_url: str = field(repr=False)
    migrator_database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    public_url: str
    demo: bool
    carrier: str
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    twilio_auth_token_old: str = field(repr=False)
    twilio_sender: str
    twilio_whatsapp_sender: str
    twilio_content_url: str
    twilio_api_url: str
    twilio_messaging_url: str
    keys: Mapping[str, str] = field(repr=False)
    index_key: str = field(repr=False)
    session_key: str = field(repr=False)
    ledger_key: str = field(repr=False)
    log_format: str = "json"
    websocket_compression: bool = False
    trusted_proxies: str = ""
    metrics_token: str = field(default="", repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers send as Origin, e.g. ``http://127.0.0.1:8000``."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def secure_cookies(self) -> bool:
        """True where a browser accepts ``__Host-`` cookies: https, or the loopback."""
        return self.public_url.startswith("https://") or is_loopback(self.public_url)

    @property
    def simulated(self) -> bool:
        """True when the carrier is our simulator on this machine."""
        return self.carrier == "simulator"


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine itself: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, completed by what the local launcher left under ``TRATO_VAR``.

    Raises `SettingsError` naming the variable and what to set.
    """
    given = dict(os.environ if environ is None else environ)
    var = Path(given.get("TRATO_VAR") or "var").absolute()
    made = _read_map(var / SECRETS_FILE)
    given = {name: value for name, value in given.items() if value != ""}
    # What a demo left in this folder is not for a live carrier: there everything is said in the environment.
    env = given if given.get("CARRIER") == "live" else {**made, **_read_map(var / RUNNING_FILE), **given}
    if env.get("CARRIER", "live") == "live":
        # The launcher made up an account for its simulator: a live carrier is never called with that.
        env = {name: value for name, value in env.items() if name not in _ACCOUNT or value != made.get(name)}
    settings = _build(env, var)
    _check(settings)
    return settings


def _read_map(path: Path) -> dict[str, str]:
    """What the launcher wrote for programs on this machine: secrets, and where its servers listen; empty when there is none."""
    try:
        found: dict[str, str] = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (PermissionError, ValueError) as error:
        raise SettingsError(f"TRATO_VAR: {path} cannot be read ({error}). Repair or remove it and start again.") from error
    return found


def _build(env: Mapping[str, str], var: Path) -> Settings:
    port = _port(env, "PORT", 8000)
    simulator_port = _port(env, "SIMULATOR_PORT", 8100)
    carrier = env.get("CARRIER", "live")
    simulator = f"http://127.0.0.1:{simulator_port}"
    database = _needed(env, "DATABASE_URL", "postgresql://user:password@host/name")
    return Settings(
        var=var,
        port=port,
        simulator_port=simulator_port,
        smtp_port=_port(env, "SMTP_PORT", 2525),
        database_url=database,
        sequencer_database_url=env.get("SEQUENCER_DATABASE_URL", database),
        migrator_database_url=env.get("MIGRATOR_DATABASE_URL", database),
        redis_url=_needed(env, "REDIS_URL", "redis://host:6379/0"),
        public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        demo=_flag(env, "DEMO", default=False),
        carrier=carrier,
        twilio_account_sid=env.get("TWILIO_ACCOUNT_SID", ""),
        twilio_auth_token=env.get("TWILIO_AUTH_TOKEN", ""),
        twilio_auth_token_old=env.get("TWILIO_AUTH_TOKEN_OLD", ""),
        twilio_sender=env.get("TWILIO_SENDER", MAGIC_SENDER),
        twilio_whatsapp_sender=env.get("TWILIO_WHATSAPP_SENDER", MAGIC_SENDER if carrier == "simulator" else ""),
        twilio_content_url=env.get("TWILIO_CONTENT_URL", simulator if carrier == "simulator" else TWILIO_CONTENT),
        twilio_api_url=env.get("TWILIO_API_URL", simulator if carrier == "simulator" else TWILIO_API),
        twilio_messaging_url=env.get("TWILIO_MESSAGING_URL", simulator if carrier == "simulator" else TWILIO_MESSAGING),
        keys=_key_ring(_needed(env, "TRATO_KEYS", "name:base64 of 32 random bytes, newest first, separated by commas")),
        index_key=_needed(env, "TRATO_INDEX_KEY", "base64 of 32 random bytes"),
        session_key=_needed(env, "TRATO_SESSION_KEY", "base64 of 32 random bytes"),
        ledger_key=_needed(env, "TRATO_LEDGER_KEY", "base64 of a 32-byte Ed25519 private key"),
        log_format=env.get("LOG_FORMAT", "json"),
        websocket_compression=_flag(env, "WEBSOCKET_COMPRESSION", default=False),
        trusted_proxies=env.get("TRUSTED_PROXIES", ""),
        metrics_token=env.get("METRICS_TOKEN", ""),
    )


def _check(settings: Settings) -> None:
    if settings.carrier not in ("simulator", "live"):
        raise SettingsError(f"CARRIER is {settings.carrier!r}. Set it to simulator or live.")
    for name, url in _carrier_urls(settings):
        if settings.simulated and not is_loopback(url):
            raise SettingsError(f"{name} is {url}, which is not on this machine, but CARRIER=simulator. Unset it or set CARRIER=live.")
        if not settings.simulated and is_loopback(url):
            raise SettingsError(f"{name} is {url}, on this machine, but CARRIER=live. Unset it or set CARRIER=simulator.")
    if settings.port == settings.simulator_port:
        raise SettingsError(f"PORT and SIMULATOR_PORT are both {settings.port}. Set one of them to another number.")
    _check_servers(settings)
    if not settings.simulated:
        _check_live(settings)
    if not settings.public_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"PUBLIC_URL is {settings.public_url!r}. Set it to the address carriers and browsers use, e.g. https://trato.example."
        )


def _carrier_urls(settings: Settings) -> tuple[tuple[str, str], ...]:
    return (
        ("TWILIO_API_URL", settings.twilio_api_url),
        ("TWILIO_MESSAGING_URL", settings.twilio_messaging_url),
        ("TWILIO_CONTENT_URL", settings.twilio_content_url),
    )


def _check_servers(settings: Settings) -> None:
    for name, url in (
        ("DATABASE_URL", settings.database_url),
        ("SEQUENCER_DATABASE_URL", settings.sequencer_database_url),
        ("MIGRATOR_DATABASE_URL", settings.migrator_database_url),
    ):
        if not url.startswith(("postgresql://", "postgres://")):
            raise SettingsError(f"{name} does not begin with postgresql://. Set it to postgresql://user:password@host/name.")
    if not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("REDIS_URL does not begin with redis://. Set it to redis://host:6379/0.")


def _check_live(settings: Settings) -> None:
    needed = {"TWILIO_ACCOUNT_SID": settings.twilio_account_sid, "TWILIO_AUTH_TOKEN": settings.twilio_auth_token}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(f"CARRIER=live needs {' and '.join(missing)}. Set them to the keys of your carrier account.")
    if not re.fullmatch(r"\+[1-9]\d{4,14}", settings.twilio_sender) or settings.twilio_sender == MAGIC_SENDER:
        raise SettingsError("CARRIER=live needs TWILIO_SENDER. Set it to the number that clients see, e.g. +573001234567.")
    if settings.twilio_whatsapp_sender and not re.fullmatch(r"\+[1-9]\d{4,14}", settings.twilio_whatsapp_sender):
        raise SettingsError(
            "TWILIO_WHATSAPP_SENDER is not a number. Set it to the one that clients see, e.g. +573001234567, or leave it out."
        )
    if is_loopback(settings.public_url):
        raise SettingsError("PUBLIC_URL is on this machine, but CARRIER=live. Set it to the https address your carrier can reach.")
    for name, url in (
        ("PUBLIC_URL", settings.public_url),
        *_carrier_urls(settings),
    ):
        if not url.startswith("https://"):
            raise SettingsError(f"{name} is {url}, but CARRIER=live carries secrets and people's words. Set it to an https address.")


def _needed(env: Mapping[str, str], name: str, example: str) -> str:
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set. Set it to {example}, or use `make run`, which makes its own.")
    return value


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} is {text!r}. Set it to a number from 1 to 65535.")
    return int(text)


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "1" if default else "0").lower()
    if text not in ("0", "1", "true", "false", "yes", "no"):
        raise SettingsError(f"{name} is {text!r}. Set it to 1 or 0.")
    return text in ("1", "true", "yes")


def _key_ring(text: str) -> dict[str, str]:
    parts = [(name, key) for name, _, key in (part.strip().partition(":") for part in text.split(",") if ":" in part)]
    ring: dict[str, str] = dict(parts)
    if len(ring) != len(parts):
        raise SettingsError("TRATO_KEYS has two keys of one name. Give each key a name of its own: what it wraps is found by that name.")
    if not ring:
        raise SettingsError("TRATO_KEYS has no key. Set it to name:base64 of 32 random bytes, newest first, separated by commas.")
    return ring
