"""Settings: a wrong one stops the start with a sentence that names the variable and says what to set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import SettingsError
from base.settings import Settings, read_settings

KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def given(tmp_path: Path, **changes: str | None) -> Settings:
    """The settings of a good local environment with `changes`; None takes a variable away."""
    env = {
        "TRATO_VAR": str(tmp_path),
        "CARRIER": "simulator",
        "DATABASE_URL": "postgresql://app@127.0.0.1/trato",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TRATO_KEYS": f"k1:{KEY}",
        "TRATO_INDEX_KEY": KEY,
        "TRATO_SESSION_KEY": KEY,
        "TRATO_LEDGER_KEY": KEY,
        **changes,
    }
    return read_settings({name: value for name, value in env.items() if value is not None})


def live(tmp_path: Path, **changes: str | None) -> Settings:
    """Like `given`, as production sets it."""
    return given(tmp_path, **{"CARRIER": "live", "PUBLIC_URL": "https://trato.example", "TWILIO_SENDER": "+573001234567", **changes})


def test_what_is_not_said_has_a_good_default(tmp_path: Path) -> None:
    settings = given(tmp_path)
    assert (settings.port, settings.simulator_port, settings.smtp_port) == (8000, 8100, 2525)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.twilio_sender == "+15005550006"
    assert settings.twilio_api_url == settings.twilio_messaging_url == "http://127.0.0.1:8100"
    assert settings.sequencer_database_url == settings.migrator_database_url == settings.database_url
    assert not settings.demo


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert given(tmp_path, PORT="", DEMO="").port == 8000


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "Set it to a number from 1 to 65535"),
        ("PORT", "0", "Set it to a number from 1 to 65535"),
        ("SIMULATOR_PORT", "65536", "Set it to a number from 1 to 65535"),
        ("SMTP_PORT", "-1", "Set it to a number from 1 to 65535"),
        ("DEMO", "perhaps", "Set it to 1 or 0"),
        ("CARRIER", "pigeon", "Set it to simulator or live"),
        ("DATABASE_URL", None, "postgresql://user:password@host/name"),
        ("REDIS_URL", None, "redis://host:6379/0"),
        ("TRATO_KEYS", None, "newest first"),
        ("TRATO_KEYS", "no colon", "newest first"),
        ("TRATO_INDEX_KEY", None, "base64 of 32 random bytes"),
        ("TRATO_SESSION_KEY", None, "base64 of 32 random bytes"),
        ("TRATO_LEDGER_KEY", None, "Ed25519"),
        ("PUBLIC_URL", "trato.example", "https://trato.example"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_set(tmp_path: Path, name: str, value: str | None, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        given(tmp_path, **{name: value})
    assert name in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize("name", ["TWILIO_API_URL", "TWILIO_MESSAGING_URL"])
def test_the_simulator_is_never_off_this_machine_and_a_live_carrier_never_on_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is https://api.twilio.com, which is not on this machine"):
        given(tmp_path, **{name: "https://api.twilio.com"})
    for here in ("http://127.0.0.1:8100", "http://localhost:8100", "http://127.9.9.9", "http://[::1]:8100"):
        with pytest.raises(SettingsError, match=f"{name} is .*, on this machine, but CARRIER=live"):
            live(tmp_path, **{name: here})


def test_a_host_that_only_looks_like_this_machine_is_not(tmp_path: Path) -> None:
    for there in ("http://localhost.example", "http://127.0.0.1.example", "http://127.0.0.1@carrier.example"):
        with pytest.raises(SettingsError, match="not on this machine"):
            given(tmp_path, TWILIO_API_URL=there)


def test_live_reaches_the_real_carrier(tmp_path: Path) -> None:
    settings = live(tmp_path)
    assert settings.twilio_api_url == "https://api.twilio.com"
    assert settings.twilio_messaging_url == "https://messaging.twilio.com"
    assert settings.secure_cookies
    assert settings.origin == "https://trato.example"


def test_live_is_the_default_so_that_nobody_simulates_by_accident(tmp_path: Path) -> None:
    assert live(tmp_path, CARRIER=None).carrier == "live"


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_live_needs_every_key(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"CARRIER=live needs {name}"):
        live(tmp_path, **{name: None})


def test_a_live_carrier_is_never_called_with_the_account_made_up_for_the_simulator(tmp_path: Path) -> None:
    made = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "1" * 32}
    (tmp_path / "secrets.json").write_text(json.dumps(made))
    assert given(tmp_path, TWILIO_AUTH_TOKEN=None).twilio_auth_token == made["TWILIO_AUTH_TOKEN"]
    for nowhere_else in ({"TWILIO_ACCOUNT_SID": None, "TWILIO_AUTH_TOKEN": None}, made):
        with pytest.raises(SettingsError, match="CARRIER=live needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"):
            live(tmp_path, **nowhere_else)


def test_live_needs_an_address_the_carrier_can_reach(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL is on this machine"):
        live(tmp_path, PUBLIC_URL=None)


def test_what_the_launcher_left_completes_the_environment_which_wins(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"TWILIO_AUTH_TOKEN": "from the file"}))
    (tmp_path / "running.json").write_text(json.dumps({"PORT": "8123", "DATABASE_URL": "postgresql://local/trato"}))
    settings = given(tmp_path, DATABASE_URL=None, TWILIO_AUTH_TOKEN=None)
    assert (settings.port, settings.database_url) == (8123, "postgresql://local/trato")
    assert settings.twilio_auth_token == "from the file"
    assert given(tmp_path, PORT="8124").port == 8124


def test_a_damaged_file_of_the_launcher_is_named(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text("{")
    with pytest.raises(SettingsError, match=r"running\.json cannot be read"):
        given(tmp_path)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    shown = repr(given(tmp_path, DATABASE_URL="postgresql://app:hush@127.0.0.1/trato"))
    assert KEY not in shown
    assert "hush" not in shown
    assert "0" * 32 not in shown.replace("AC" + "0" * 32, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "http://trato.example"),
        ("TWILIO_API_URL", "http://api.twilio.com"),
        ("TWILIO_SENDER", "banana"),
        ("TWILIO_SENDER", "+15005550006"),
        ("TWILIO_SENDER", None),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("TRATO_KEYS", f"a:{KEY},a:{KEY}"),
    ],
)
def test_live_refuses_what_would_be_dangerous(tmp_path: Path, name: str, value: str | None) -> None:
    with pytest.raises(SettingsError, match=name):
        live(tmp_path, **{name: value})


def test_two_programs_never_share_a_port(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORT and SIMULATOR_PORT are both 8100"):
        given(tmp_path, PORT="8100")


def test_what_a_demo_left_here_is_not_for_a_live_carrier(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"DATABASE_URL": "postgresql://demo@127.0.0.1/demo"}')
    assert given(tmp_path, DATABASE_URL=None).database_url.endswith("/demo")
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        live(tmp_path, DATABASE_URL=None)
