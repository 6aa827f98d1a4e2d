"""What the simulator is told from outside; a wrong setting stops the start with a sentence that says what to set."""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class ConfigError(Exception):
    """A setting is missing or wrong. The message names the variable and says what to set."""


@dataclass(frozen=True, slots=True)
class Config:
    """One simulated account and the product it calls back. Delays are in seconds; secrets stay out of the repr."""

    folder: Path
    account_sid: str
    auth_token: str = field(repr=False)
    port: int = 8100
    auth_token_old: str = field(default="", repr=False)
    sender: str = "+15005550006"
    whatsapp_sender: str = "+15005550006"
    public_url: str = "http://127.0.0.1:8000"
    trickle: bool = False
    seed: int = 0
    sent_after: float = 0.3
    delivered_after: float = 0.8
    read_after: float = 3.0
    approved_after: float = 5.0
    trickle_every: tuple[float, float] = (20.0, 45.0)
    reply_after: tuple[float, float] = (5.0, 15.0)
    reply_probability: float = 0.35

    @property
    def own_url(self) -> str:
        """Where the simulator itself is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook_url(self) -> str:
        """The product's door for a client's words."""
        return f"{self.public_url}/hooks/twilio/message"


def is_loopback(url: str) -> bool:
    """Whether a URL is http(s) and names this machine itself: localhost, 127.0.0.0/8 or ::1."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment, completed by the launcher's files under ``TRATO_VAR``. Raises `ConfigError`."""
    given = {name: value for name, value in (os.environ if environ is None else environ).items() if value != ""}
    var = Path(given.get("TRATO_VAR", "var")).absolute()
    env = {**_read_map(var / "secrets.json"), **_read_map(var / "running.json"), **given}
    config = Config(
        folder=var / "simulator",
        account_sid=_needed(env, "TWILIO_ACCOUNT_SID", "AC and 32 hexadecimal digits"),
        auth_token=_needed(env, "TWILIO_AUTH_TOKEN", "the token that the product uses too"),
        auth_token_old=env.get("TWILIO_AUTH_TOKEN_OLD", ""),
        port=_port(env, "SIMULATOR_PORT", 8100),
        sender=env.get("TWILIO_SENDER", "+15005550006"),
        whatsapp_sender=env.get("TWILIO_WHATSAPP_SENDER", "+15005550006"),
        public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{_port(env, 'PORT', 8000)}").rstrip("/"),
        trickle=_flag(env, "SIMULATOR_TRICKLE", default=_flag(env, "DEMO", default=False)),
        seed=_seed(env),
        sent_after=_seconds(env, "SIMULATOR_SENT_AFTER", 0.3),
        delivered_after=_seconds(env, "SIMULATOR_DELIVERED_AFTER", 0.8),
        read_after=_seconds(env, "SIMULATOR_READ_AFTER", 3.0),
        approved_after=_seconds(env, "SIMULATOR_APPROVED_AFTER", 5.0),
    )
    if not is_loopback(config.public_url):
        raise ConfigError(f"PUBLIC_URL is {config.public_url!r}. The simulator only calls this machine: set it to http://127.0.0.1:PORT.")
    return config


def _read_map(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"TRATO_VAR: {path} cannot be read ({error}). Repair or remove it and start again.") from error
    return {str(name): str(value) for name, value in found.items()}


def _needed(env: Mapping[str, str], name: str, example: str) -> str:
    if name not in env:
        raise ConfigError(f"{name} is not set. Set it to {example}, or use `make run`, which makes its own.")
    return env[name]


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"{name} is {text!r}. Set it to a number from 1 to 65535.")
    return int(text)


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "1" if default else "0").lower()
    if text not in ("0", "1", "true", "false", "yes", "no"):
        raise ConfigError(f"{name} is {text!r}. Set it to 1 or 0.")
    return text in ("1", "true", "yes")


def _seed(env: Mapping[str, str]) -> int:
    text = env.get("SIMULATOR_SEED", "0")
    try:
        return int(text)
    except ValueError as error:
        raise ConfigError(f"SIMULATOR_SEED is {text!r}. Set it to a whole number.") from error


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, str(default))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 36_000:
        raise ConfigError(f"{name} is {text!r}. Set it to seconds from 0 to 36000.")
    return seconds
