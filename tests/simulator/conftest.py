"""One simulated carrier per file of tests, quiet between two tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from base.embedded.ports import free_port
from simulator.config import Config
from tests.simulator.far_side import ACCOUNT, OLD_TOKEN, TOKEN, Carrier, Product, Running, wait_for


@pytest.fixture(scope="module")
def far_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    product = Product()
    door = product.serve()
    base = f"http://127.0.0.1:{door.server_port}"
    config = Config(
        tmp_path_factory.mktemp("carrier"),
        ACCOUNT,
        TOKEN,
        port=free_port(),
        auth_token_old=OLD_TOKEN,
        public_url=base,
        sent_after=0.05,
        delivered_after=0.1,
        read_after=0.1,
        approved_after=0.4,
    )
    with Running(config) as http:
        yield Carrier(http, product, f"{base}/receipt/7?x=a%20b")
    door.shutdown()


@pytest.fixture
def carrier(far_side: Carrier) -> Iterator[Carrier]:
    yield far_side
    far_side.http.delete("/_simulator/scenarios")
    far_side.http.post("/_simulator/resume")
    far_side.http.post("/_simulator/clock", json={"shift": 0})
    wait_for(lambda: far_side.get("/_simulator/health")["under_way"] == 0)
    far_side.product.answers.clear()
    far_side.product.heard.queue.clear()
