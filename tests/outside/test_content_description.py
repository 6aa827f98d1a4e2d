"""Checks the simulated Content API against Twilio's own public description of it, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from simulator.app import create_app
from simulator.config import Config

DESCRIPTION = Path(__file__).parents[3] / "shared" / "fixtures" / "twilio" / "content_v1.json"
if not DESCRIPTION.exists():
    pytest.skip("Twilio's description of the Content API is not at hand", allow_module_level=True)

API = json.loads(DESCRIPTION.read_text())
ACCOUNT, TOKEN = "AC" + "0c" * 16, "token"
TYPES: dict[str, dict[str, Any]] = {
    "twilio/text": {"body": "Hola {{1}}, te saludamos."},
    "twilio/media": {"body": "Tu recibo", "media": ["https://h.example/a.png"]},
    "twilio/quick-reply": {"body": "¿Hablamos?", "actions": [{"type": "QUICK_REPLY", "title": "Sí", "id": "yes"}]},
    "twilio/list-picker": {"body": "¿Qué día?", "button": "Ver", "items": [{"id": "fri", "item": "Viernes", "description": "AM"}]},
    "twilio/call-to-action": {"body": "Paga aquí", "actions": [{"type": "URL", "title": "Pagar", "url": "https://h.example"}]},
}


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(Config(tmp_path, ACCOUNT, TOKEN, approved_after=0)), base_url="http://127.0.0.1") as client:
        client.auth = (ACCOUNT, TOKEN)
        yield client


def schema_of(path: str, verb: str, status: str) -> dict[str, Any]:
    schema: dict[str, Any] = API["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"]
    return schema


def example_of(path: str, verb: str, status: str, name: str) -> Any:
    return API["paths"][path][verb]["responses"][status]["content"]["application/json"]["examples"][name]["value"]


def check(value: Any, schema: dict[str, Any], where: str, *, whole: bool = True) -> None:
    """Assert that a JSON value is what a schema describes and holds nothing else; `whole` asks for every field that is described."""
    schema = API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if value is None:
        assert schema.get("nullable"), f"{where} may not be null"
        return
    types = {"string": str, "integer": int, "object": dict, "array": list, "number": (int, float), "boolean": bool}
    assert isinstance(value, types[schema["type"]]), f"{where} is {value!r}"
    assert value in schema.get("enum", [value]), f"{where} is {value!r}"
    if "pattern" in schema:
        assert re.fullmatch(schema["pattern"], value), f"{where} is {value!r}"
    if schema.get("format") == "date-time":
        assert datetime.fromisoformat(value).utcoffset() is not None, f"{where} is {value!r}"
    if schema.get("format") == "uri":
        assert urlsplit(value).netloc, f"{where} is {value!r}"
    if "properties" in schema:
        assert set(value) <= set(schema["properties"]), where
        assert not whole or set(value) == set(schema["properties"]), where
        for name, part in value.items():
            check(part, schema["properties"][name], f"{where}.{name}", whole=whole)
    for number, item in enumerate(value if schema["type"] == "array" else ()):
        check(item, schema["items"], f"{where}[{number}]", whole=whole)


@pytest.mark.parametrize("kind", TYPES)
def test_a_template_is_made_shown_and_approved(http: TestClient[Litestar], kind: str) -> None:
    asked = {"friendly_name": "aviso", "language": "es", "variables": {"1": "Ana"}, "types": {kind: TYPES[kind]}}
    check(asked, API["components"]["schemas"]["ContentCreateRequest"], "asked", whole=False)
    made = http.post("/v1/Content", json=asked)
    assert made.status_code == 201
    check(made.json(), schema_of("/v1/Content", "post", "201"), "made")
    sid = made.json()["sid"]
    check(http.get(f"/v1/Content/{sid}").json(), schema_of("/v1/Content/{Sid}", "get", "200"), "fetched")
    assert set(made.json()["links"]) == set(example_of("/v1/Content", "post", "201", "create")["links"])

    submitted = http.post(f"/v1/Content/{sid}/ApprovalRequests/whatsapp", json={"name": "aviso", "category": "UTILITY"})
    assert submitted.status_code == 201
    check(submitted.json(), schema_of("/v1/Content/{ContentSid}/ApprovalRequests/whatsapp", "post", "201"), "submitted")
    found = http.get(f"/v1/Content/{sid}/ApprovalRequests").json()
    check(found, schema_of("/v1/Content/{Sid}/ApprovalRequests", "get", "200"), "approval")
    assert set(found["whatsapp"]) == set(example_of("/v1/Content/{Sid}/ApprovalRequests", "get", "200", "getApproval")["whatsapp"])
    assert found["whatsapp"]["status"] == ("rejected" if kind == "twilio/list-picker" else "approved")
    assert http.delete(f"/v1/Content/{sid}").status_code == 204


@pytest.mark.parametrize("path", ["/v1/Content", "/v1/ContentAndApprovals"])
def test_pages(http: TestClient[Litestar], path: str) -> None:
    schema = schema_of(path, "get", "200")
    empty = http.get(path, params={"PageSize": 10}).json()
    check(empty, schema, "empty page")
    example = example_of(path, "get", "200", "readEmpty")
    assert dict(parse_qsl(urlsplit(empty["meta"]["url"]).query)) == dict(parse_qsl(urlsplit(example["meta"]["url"]).query))
    for _ in range(3):
        http.post("/v1/Content", json={"language": "es", "types": {"twilio/text": TYPES["twilio/text"]}})
    page = http.get(path, params={"PageSize": 2}).json()
    check(page, schema, "first page")
    rest = http.get(page["meta"]["next_page_url"]).json()
    check(rest, schema, "second page")
    assert (len(page["contents"]), len(rest["contents"]), rest["meta"]["next_page_url"]) == (2, 1, None)
    if path.endswith("Approvals"):
        wanted = example_of(path, "get", "200", "readResults")["contents"][0]["approval_requests"]
        assert set(page["contents"][0]["approval_requests"]) == set(wanted)
