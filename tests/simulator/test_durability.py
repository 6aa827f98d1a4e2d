"""Guards that nothing accepted is lost, that settings are read, and that clients who write on their own do not flood."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from base.embedded.ports import free_port
from simulator.config import Config, ConfigError, read_config
from simulator.lines import LOCAL, OPENERS, REPLIES, fitting_replies, openers
from simulator.segments import count_parts
from tests.simulator.far_side import ACCOUNT, ANA, MESSAGES, SENDER, TOKEN, Carrier, Product, Running, wait_for


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "TRATO_VAR": str(folder), "SIMULATOR_PORT": str(port), "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN, "SIMULATOR_SENT_AFTER": "0.5", "SIMULATOR_DELIVERED_AFTER": "0.6", **more,
    }  # fmt: skip


def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path, carrier: Carrier) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "simulator"]
    with httpx.Client(base_url=address, trust_env=False, timeout=10) as http:
        child = subprocess.Popen(command, env=environment(tmp_path, port))
        try:
            wait_for(lambda: is_up(http))
            http.post("/_simulator/clients", json=[{"name": "Ana", "number": ANA, "lines": ["Hola"]}]).raise_for_status()
            form = {"To": ANA, "From": SENDER, "StatusCallback": carrier.callback}
            sids = [http.post(f"{MESSAGES}.json", data={**form, "Body": f"k{n}"}, auth=(ACCOUNT, TOKEN)).json()["sid"] for n in range(20)]
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child = subprocess.Popen(command, env=environment(tmp_path, port))
        try:
            wait_for(lambda: is_up(http))
            assert [row["sid"] for row in http.get("/_simulator/accepted").json()["accepted"]] == sids
            # Their course goes on where it was cut off.
            assert {carrier.product.next()["MessageSid"] for _ in range(40)} == set(sids)
            child.send_signal(signal.SIGTERM)
            assert child.wait(5) == -signal.SIGTERM
        finally:
            child.kill()
            child.wait()


def is_up(http: httpx.Client) -> bool:
    try:
        return http.get("/_simulator/health").is_success
    except httpx.TransportError:
        return False


def test_settings_come_from_the_environment_and_the_launchers_files(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(f'{{"TWILIO_ACCOUNT_SID": "{ACCOUNT}", "TWILIO_AUTH_TOKEN": "left"}}')
    (tmp_path / "running.json").write_text('{"PUBLIC_URL": "http://127.0.0.1:9/", "SIMULATOR_PORT": "8199"}')
    config = read_config({"TRATO_VAR": str(tmp_path), "TWILIO_AUTH_TOKEN": "given", "DEMO": "1"})
    assert (config.account_sid, config.auth_token, config.port, config.public_url) == (ACCOUNT, "given", 8199, "http://127.0.0.1:9")
    assert config.trickle
    assert "given" not in repr(replace(config, auth_token_old="given"))
    for wrong, name in (
        ({"PUBLIC_URL": "https://trato.example"}, "PUBLIC_URL"),
        ({"SIMULATOR_PORT": "x"}, "SIMULATOR_PORT"),
        ({"SIMULATOR_SEED": "x"}, "SIMULATOR_SEED"),
    ):
        with pytest.raises(ConfigError, match=name):
            read_config({"TRATO_VAR": str(tmp_path), **wrong})
    with pytest.raises(ConfigError, match="TWILIO_ACCOUNT_SID"):
        read_config({"TRATO_VAR": str(tmp_path / "nowhere")})


def test_clients_write_and_answer_on_their_own_without_flooding(tmp_path: Path) -> None:
    product = Product()
    door = product.serve()
    quick = {"sent_after": 0.0, "delivered_after": 0.0, "trickle_every": (0.01, 0.02), "reply_after": (0.1, 0.1), "reply_probability": 1.0}
    config = Config(
        tmp_path, ACCOUNT, TOKEN, port=free_port(), public_url=f"http://127.0.0.1:{door.server_port}", trickle=True, seed=3, **quick
    )
    with Running(config) as http:
        carrier = Carrier(http, product, "")
        assert product.hears_nothing_for(0.2)  # nobody is known yet
        people = [{"name": f"C{n}", "number": f"+57300000000{n}", "lines": ["¿Cuánto debo?"]} for n in range(3)]
        http.post("/_simulator/clients", json=people).raise_for_status()
        said = [product.next() for _ in range(3)]
        assert {row["From"] for row in said} == {person["number"] for person in people}
        assert {row["Body"] for row in said} == {"¿Cuánto debo?"}
        assert product.hears_nothing_for(0.3)  # whoever spoke last waits for an answer
        carrier.control("trickle", on=False)
        carrier.send(to="+573000000001", StatusCallback=None)
        assert product.hears_nothing_for(0.3)
        carrier.control("trickle", on=True)
        carrier.send(to="+573000000002", body="Puede pagar en dos cuotas", StatusCallback=None)
        heard = {product.next()["From"], product.next()["From"]}
        assert heard == {"+573000000001", "+573000000002"}
    door.shutdown()


def test_small_talk_holds_no_word_of_opting_out() -> None:
    lines = [*OPENERS["es"], *OPENERS["pt"], *(line for groups in REPLIES.values() for _, group in groups for line in group)]
    lines += {word for words in LOCAL.values() for word in words.values()}
    words = "stop\\w* unsubscribe cancel\\w* end quit revoke optout start unstop yes help info baja alto parar pare salir no\\sm[aá]s ayuda"
    opting = re.compile(rf"\b({'|'.join(words.split())})\b", re.IGNORECASE)
    assert [line for line in lines if opting.search(line)] == []
    assert len(set(lines)) == len(lines) > 40
    assert all(count_parts(line).count <= 2 for line in lines)


def test_small_talk_is_of_the_clients_own_country() -> None:
    assert openers("BR") == OPENERS["pt"]
    assert fitting_replies("Conseguimos dividir em parcelas", "BR")[0] == "Gostei, em quantas vezes fica?"
    for country, words in LOCAL.items():
        said = " ".join([*openers(country), *fitting_replies("Puede pagar hoy", country)])
        assert all(words[place] in said for place in ("online", "cash", "wallet", "paid_in"))
        assert not any(other["wallet"] in said for name, other in LOCAL.items() if name != country)
    assert openers("") == openers("CO")
