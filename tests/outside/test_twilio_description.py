"""Checks the simulated carrier's answers against Twilio's own public API description, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from simulator.app import create_app
from simulator.config import Config
from simulator.creation import PARAMETERS

DESCRIPTION = Path(__file__).parents[3] / "shared" / "fixtures" / "twilio" / "api_v2010.json"
if not DESCRIPTION.exists():
    pytest.skip("Twilio's API description is not at hand", allow_module_level=True)

API = json.loads(DESCRIPTION.read_text())
ACCOUNT, TOKEN = "AC" + "0b" * 16, "token"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages"
HERE = MESSAGES.format(AccountSid=ACCOUNT)


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient[Litestar]]:
    config = Config(tmp_path, ACCOUNT, TOKEN, sent_after=0, delivered_after=0)
    with TestClient(create_app(config), base_url="http://127.0.0.1") as client:
        client.auth = (ACCOUNT, TOKEN)
        yield client


def create(http: TestClient[Litestar], **form: object) -> dict[str, Any]:
    answer = http.post(f"{HERE}.json", data={"To": "+573001112233", "From": "+15005550006", "Body": "Hola", **form})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def schema_of(path: str, verb: str, status: str) -> dict[str, Any]:
    schema: dict[str, Any] = API["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"]
    return schema


def check(value: Any, schema: dict[str, Any], where: str) -> None:
    """Assert that a JSON value is what an OpenAPI schema describes, and holds nothing that it does not describe."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = API["components"]["schemas"][name]
    if value is None:
        assert schema.get("nullable"), f"{where} may not be null"
        return
    types = {"string": str, "integer": int, "object": dict, "array": list, "number": (int, float), "boolean": bool}
    assert isinstance(value, types[schema["type"]]), f"{where} is {value!r}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where} is {value!r}"
    if "pattern" in schema:
        assert re.fullmatch(schema["pattern"], value), f"{where} is {value!r}"
    if schema.get("format") == "date-time-rfc-2822":
        assert parsedate_to_datetime(value).utcoffset() is not None, f"{where} is {value!r}"
    if "properties" in schema:
        assert set(value) == set(schema["properties"]), where
        for name, part in schema["properties"].items():
            check(value[name], part, f"{where}.{name}")
    for number, item in enumerate(value if schema["type"] == "array" else ()):
        check(item, schema["items"], f"{where}[{number}]")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MediaUrl": ["https://h.example/a.jpg", "https://h.example/b.jpg"]},
        {"MessagingServiceSid": "MG" + "0" * 32, "From": ""},
        {"ContentSid": "made", "ContentVariables": '{"1":"a"}', "Body": ""},
        {"ContentSid": "made", "From": "whatsapp:+15005550006", "To": "whatsapp:CO.991"},
    ],
)
def test_created_and_fetched_messages(http: TestClient[Litestar], form: dict[str, object]) -> None:
    if "ContentSid" in form:
        body = {"language": "es", "types": {"twilio/text": {"body": "Hola {{1}}"}}}
        form = {**form, "ContentSid": http.post("/v1/Content", json=body).json()["sid"]}
    shown = create(http, **form)
    check(shown, schema_of(f"{MESSAGES}.json", "post", "201"), "created")
    fetched = http.get(shown["uri"]).json()
    check(fetched, schema_of(MESSAGES + "/{Sid}.json", "get", "200"), "fetched")
    media = http.get(shown["subresource_uris"]["media"]).json()
    check(media, schema_of(MESSAGES + "/{MessageSid}/Media.json", "get", "200"), "media")
    assert len(media["media_list"]) == int(shown["num_media"])
    for row in media["media_list"]:
        check(http.get(row["uri"]).json(), schema_of(MESSAGES + "/{MessageSid}/Media/{Sid}.json", "get", "200"), "medium")


def test_pages(http: TestClient[Litestar]) -> None:
    schema = schema_of(f"{MESSAGES}.json", "get", "200")
    http.post("/_simulator/inbound", json={"from": "+573001112233", "text": "Hola", "lost": True})
    for _ in range(3):
        create(http)
    page = http.get(f"{HERE}.json", params={"PageSize": 2}).json()
    check(page, schema, "first page")
    check(http.get(page["next_page_uri"]).json(), schema, "second page")
    check(http.get(f"{HERE}.json", params={"To": "+573009999999"}).json(), schema, "empty page")


def test_links_look_like_those_of_the_examples(http: TestClient[Litestar]) -> None:
    answers = API["paths"][f"{MESSAGES}.json"]["get"]["responses"]
    example = answers["200"]["content"]["application/json"]["examples"]["readFullPage1"]["value"]
    query = dict(parse_qsl(urlsplit(example["first_page_uri"]).query))
    page = http.get(f"{HERE}.json", params=query).json()
    for name in ("first_page_uri", "uri"):
        assert dict(parse_qsl(urlsplit(page[name]).query)) == dict(parse_qsl(urlsplit(example[name]).query))
    account = urlsplit(example["uri"]).path.split("/")[3]
    assert urlsplit(page["uri"]).path == urlsplit(example["uri"]).path.replace(account, ACCOUNT)


def test_every_parameter_is_known(http: TestClient[Litestar]) -> None:
    form = API["paths"][f"{MESSAGES}.json"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(form["properties"]) == set(PARAMETERS)
    for name, part in form["properties"].items():
        choices = part.get("enum") or API["components"]["schemas"].get(part.get("$ref", "").rsplit("/", 1)[-1], {}).get("enum", [])
        for choice in choices if name != "ScheduleType" else ():
            create(http, **{name: choice})
