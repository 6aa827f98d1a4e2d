"""Signatures: the known vectors pass exactly, and whatever was changed on the way is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from channels.contract import Forged, WebhookRequest
from channels.signature import FORM, SETTINGS_HEADER, SIGNATURE_HEADER, check_signature, signature

TOKEN = "12345"
BASE = "https://mycompany.com"
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
SMS = [
    ("MessageSid", "SM1"),
    ("Body", "héllo 👍 a+b&c=d "),
    ("MediaUrl0", "https://x/y?z=1"),
    ("From", "whatsapp:+14155552345"),
    ("body", "lower"),
    ("NumMedia", ""),
]
JSON = b'{"property": "value", "boolean": true}'
JSON_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def form(
    path: str, query: str, params: list[tuple[str, str]], sign: str, *more: tuple[str, str], content_type: str = FORM
) -> WebhookRequest:
    headers = (("content-type", content_type), (SIGNATURE_HEADER, sign), *more)
    return WebhookRequest("POST", path, query, headers, urlencode(params).encode())


def json_request(query: str, sign: str, body: bytes = JSON) -> WebhookRequest:
    return WebhookRequest("POST", "/myapp.php", query, (("content-type", "application/json"), (SIGNATURE_HEADER, sign)), body)


SHA256 = (SETTINGS_HEADER, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256")
VECTORS = [
    pytest.param(BASE, form("/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), id="sha1"),
    pytest.param(BASE, form("/myapp.php", "foo=1&bar=2", CALL, "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=", SHA256), id="sha256"),
    pytest.param(f"{BASE}:1234", form("/myapp.php", "foo=1&bar=2", CALL, "CYn1h0gLBdNxDGkKJg6hYohgeD8="), id="port"),
    pytest.param(BASE, json_request(f"foo=1&bar=2&bodySHA256={JSON_HASH}", "a9nBmqA0ju/hNViExpshrM61xv4="), id="json"),
    pytest.param("https://h.example", form("/t/7/sms", "", SMS, "LkG/lwJc7awdcwND+ttHDdPwL/M="), id="wild-values"),
    pytest.param(
        "https://h.example",
        form("/x", "", [("A", "2"), ("A", "1"), ("A", "1"), ("B", "3")], "ULEblBtY7y7x76JedGxjhHL6dSU="),
        id="repeated",
    ),
    pytest.param(
        "https://h.example",
        WebhookRequest("GET", "/x", "From=%2B1415&Body=a%20b", ((SIGNATURE_HEADER, "RZscaZJBvX7TXQKPjZ4KLEe41tU="),), b""),
        id="get",
    ),
]


@pytest.mark.parametrize(("base", "request_"), VECTORS)
def test_vector_passes(base: str, request_: WebhookRequest) -> None:
    check_signature(request_, base, [TOKEN])


@pytest.mark.parametrize(("base", "request_"), VECTORS)
def test_vector_fails_with_another_token(base: str, request_: WebhookRequest) -> None:
    with pytest.raises(Forged):
        check_signature(request_, base, ["12346"])


@pytest.mark.parametrize(("base", "request_"), VECTORS)
def test_either_token_passes_during_rotation(base: str, request_: WebhookRequest) -> None:
    check_signature(request_, base, ["new", TOKEN])
    check_signature(request_, base, [TOKEN, "old"])


@pytest.mark.parametrize(("base", "request_"), VECTORS)
def test_missing_or_doubled_header_is_forged(base: str, request_: WebhookRequest) -> None:
    (sign,) = request_.header(SIGNATURE_HEADER)
    without = tuple(pair for pair in request_.headers if pair[0] != SIGNATURE_HEADER)
    for headers in (without, (*request_.headers, (SIGNATURE_HEADER, sign)), (*request_.headers, (SIGNATURE_HEADER, "x"))):
        with pytest.raises(Forged):
            check_signature(WebhookRequest(request_.method, request_.path, request_.query, headers, request_.body), base, [TOKEN])


@pytest.mark.parametrize("tokens", [[], [""], ["", ""]])
def test_no_token_lets_nobody_in(tokens: list[str]) -> None:
    empty_key = base64.b64encode(hmac.new(b"", b"https://h.example/x", hashlib.sha1).digest()).decode()
    request = WebhookRequest("POST", "/x", "", ((SIGNATURE_HEADER, empty_key),), b"")
    with pytest.raises(Forged):
        check_signature(request, "https://h.example", tokens)


PORTS = [
    ("https://mycompany.com", "https://mycompany.com:443"),
    ("https://mycompany.com:443", "https://mycompany.com"),
    ("http://mycompany.com", "http://mycompany.com:80"),
    ("https://mycompany.com:1234", "https://mycompany.com"),
    ("https://mycompany.com:1234/", "https://mycompany.com:1234"),
    ("https://[::1]:8000", "https://[::1]"),
    ("https://u:p@mycompany.com:8443/in", "https://u:p@mycompany.com/in"),
]


@pytest.mark.parametrize(("configured", "signed"), PORTS)
def test_the_carrier_may_sign_with_or_without_the_port(configured: str, signed: str) -> None:
    sign = signature(f"{signed}/a?b=c", [(b"From", b"+1")], TOKEN)
    check_signature(form("/a", "b=c", [("From", "+1")], sign), configured, [TOKEN])


@pytest.mark.parametrize("signed", ["https://mycompany.com:80", "https://mycompany.com:8443", "http://mycompany.com", "https://other.com"])
def test_another_port_scheme_or_host_is_forged(signed: str) -> None:
    sign = signature(f"{signed}/a", [], TOKEN)
    with pytest.raises(Forged):
        check_signature(form("/a", "", [], sign), "https://mycompany.com", [TOKEN])


@pytest.mark.parametrize(
    "query",
    [
        "foo=1&bar=2",
        "bodySHA256=",
        f"bodySHA256={JSON_HASH[:-1]}1",
        f"bodySHA256={JSON_HASH}&bodySHA256={JSON_HASH}",
        f"bodysha256={JSON_HASH}",
        f"bodySHA256={JSON_HASH.upper()}",
    ],
)
def test_json_without_its_hash_in_the_address_is_forged(query: str) -> None:
    sign = signature(f"{BASE}/myapp.php?{query}", [], TOKEN)
    with pytest.raises(Forged):
        check_signature(json_request(query, sign), BASE, [TOKEN])


def test_json_changed_after_signing_is_forged() -> None:
    with pytest.raises(Forged):
        check_signature(json_request(f"foo=1&bar=2&bodySHA256={JSON_HASH}", "a9nBmqA0ju/hNViExpshrM61xv4=", JSON + b" "), BASE, [TOKEN])


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data; boundary=x", "x/" + FORM])
def test_a_body_that_no_signature_covers_is_forged(content_type: str) -> None:
    sign = signature(f"{BASE}/a", [], TOKEN)
    with pytest.raises(Forged):
        check_signature(form("/a", "", CALL, sign, content_type=content_type), BASE, [TOKEN])


def test_two_content_types_are_forged() -> None:
    sign = signature(f"{BASE}/a", [(b"A", b"1")], TOKEN)
    with pytest.raises(Forged):
        check_signature(form("/a", "", [("A", "1")], sign, ("content-type", "application/json")), BASE, [TOKEN])


def test_a_get_with_a_body_is_forged() -> None:
    sign = signature(f"{BASE}/a", [], TOKEN)
    with pytest.raises(Forged):
        check_signature(WebhookRequest("GET", "/a", "", ((SIGNATURE_HEADER, sign), ("content-type", FORM)), b"A=1"), BASE, [TOKEN])


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", FORM.title()])
def test_form_content_types(content_type: str) -> None:
    sign = signature(f"{BASE}/a", [(b"A", b"1")], TOKEN)
    check_signature(form("/a", "", [("A", "1")], sign, content_type=content_type), BASE, [TOKEN])


ALGORITHMS = ["algorithm=HMAC_SHA512", "algorithm=none", "algorithm=HMAC_SHA1,algorithm=HMAC_SHA256", "key=k,algorithm=MD5"]


@pytest.mark.parametrize("named", ALGORITHMS)
def test_unknown_algorithms_are_forged(named: str) -> None:
    sign = signature(f"{BASE}/a", [], TOKEN)
    with pytest.raises(Forged):
        check_signature(form("/a", "", [], sign, (SETTINGS_HEADER, named)), BASE, [TOKEN])


def test_doubled_settings_are_forged() -> None:
    sign = signature(f"{BASE}/a", [], TOKEN, "sha256")
    check_signature(form("/a", "", [], sign, SHA256), BASE, [TOKEN])
    with pytest.raises(Forged):
        check_signature(form("/a", "", [], sign, SHA256, SHA256), BASE, [TOKEN])


@pytest.mark.parametrize("named", ["", "key=k", "algorithm=", "key=k, algorithm=hmac_sha1"])
def test_no_algorithm_named_is_sha1(named: str) -> None:
    sign = signature(f"{BASE}/a", [], TOKEN)
    check_signature(form("/a", "", [], sign, (SETTINGS_HEADER, named)), BASE, [TOKEN])


def test_host_and_forwarded_headers_are_ignored() -> None:
    sign = signature("https://evil.example/a", [], TOKEN)
    lies = (("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"))
    with pytest.raises(Forged):
        check_signature(form("/a", "", [], sign, *lies), BASE, [TOKEN])


@pytest.mark.parametrize("header", ["", "é", "\udcff", "a" * 100_000, "RSOYDt4T1cUTdK1PDd93/VVr8B8", " RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_strange_signatures_are_forged(header: str) -> None:
    with pytest.raises(Forged):
        check_signature(form("/myapp.php", "foo=1&bar=2", CALL, header), BASE, [TOKEN])


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
VALUES = st.text(st.characters(codec="utf-8"), max_size=20)
PARAMS = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=6)


Mutant = tuple[WebhookRequest | None, str]


class MultiDict(dict[str, list[str]]):
    """What the carrier's own validator needs to see doubled fields."""

    def getall(self, name: str) -> list[str]:
        return self[name]


@settings(max_examples=200, deadline=None)
@given(params=PARAMS, algorithm=st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]))
def test_agrees_with_the_carriers_own_validator(params: list[tuple[str, str]], algorithm: str) -> None:
    grouped = MultiDict()
    for name, value in params:
        grouped.setdefault(name, []).append(value)
    sign = RequestValidator(TOKEN).compute_signature("https://h.example/a?b=1", grouped, algorithm)
    request = form("/a", "b=1", params, sign, (SETTINGS_HEADER, f"key=k,algorithm={algorithm}"))
    check_signature(request, "https://h.example", [TOKEN])


@settings(max_examples=400, deadline=None)
@given(data=st.data(), params=PARAMS)
def test_every_mutant_is_refused(data: st.DataObject, params: list[tuple[str, str]]) -> None:
    """One change in the address, a field, the encoding or the header, and the request is forged."""
    raw = sorted({(name.encode(), value.encode()) for name, value in params})
    sign = signature("https://h.example/hook?id=7", raw, TOKEN)
    genuine = form("/hook", "id=7", params, sign)
    check_signature(genuine, "https://h.example", [TOKEN])
    mutant, base = data.draw(st.sampled_from(MUTATIONS))(data, genuine, params)
    if mutant is None:
        reject()
    with pytest.raises(Forged):
        check_signature(mutant, base, [TOKEN])


def _changed_value(data: st.DataObject, genuine: WebhookRequest, params: list[tuple[str, str]]) -> Mutant:
    place = data.draw(st.integers(0, len(params) - 1))
    name, _ = params[place]
    other = data.draw(VALUES)
    changed = [*params[:place], (name, other), *params[place + 1 :]]
    return _with_body(genuine, changed, params), "https://h.example"


def _added(data: st.DataObject, genuine: WebhookRequest, params: list[tuple[str, str]]) -> Mutant:
    return _with_body(genuine, [*params, (data.draw(NAMES), data.draw(VALUES))], params), "https://h.example"


def _removed(data: st.DataObject, genuine: WebhookRequest, params: list[tuple[str, str]]) -> Mutant:
    place = data.draw(st.integers(0, len(params) - 1))
    return _with_body(genuine, params[:place] + params[place + 1 :], params), "https://h.example"


def _stripped(_data: st.DataObject, genuine: WebhookRequest, params: list[tuple[str, str]]) -> Mutant:
    return _with_body(genuine, [(name, value.strip()) for name, value in params], params), "https://h.example"


def _latin(_data: st.DataObject, genuine: WebhookRequest, params: list[tuple[str, str]]) -> Mutant:
    body = "&".join(f"{quote_plus(name)}={quote_plus(value.encode('latin-1', 'replace'))}" for name, value in params).encode()
    same = all(value.encode("latin-1", "replace") == value.encode() for _, value in params)
    return None if same else _replaced(genuine, body=body), "https://h.example"


TARGETS = [
    ("/Hook", "id=7"),
    ("/hook/", "id=7"),
    ("//hook", "id=7"),
    ("/hook", ""),
    ("/hook", "id=8"),
    ("/hook", "id=7&"),
    ("/%68ook", "id=7"),
]


def _address(data: st.DataObject, genuine: WebhookRequest, _params: list[tuple[str, str]]) -> Mutant:
    path, query = data.draw(st.sampled_from(TARGETS))
    return _replaced(genuine, path=path, query=query), "https://h.example"


def _base(data: st.DataObject, genuine: WebhookRequest, _params: list[tuple[str, str]]) -> Mutant:
    return genuine, data.draw(st.sampled_from(["http://h.example", "https://h.example.evil", "https://h.example/x", "https://H.example"]))


def _header(data: st.DataObject, genuine: WebhookRequest, _params: list[tuple[str, str]]) -> Mutant:
    (sign,) = genuine.header(SIGNATURE_HEADER)
    place = data.draw(st.integers(0, len(sign) - 1))
    other = data.draw(st.sampled_from("ABCabc019+/"))
    changed = sign[:place] + other + sign[place + 1 :]
    headers = (("content-type", FORM), (SIGNATURE_HEADER, changed))
    return None if changed == sign else WebhookRequest("POST", genuine.path, genuine.query, headers, genuine.body), "https://h.example"


MUTATIONS = [_changed_value, _added, _removed, _stripped, _latin, _address, _base, _header]


def _with_body(genuine: WebhookRequest, changed: list[tuple[str, str]], params: list[tuple[str, str]]) -> WebhookRequest | None:
    """The request with other fields, or None where the carrier's rules call them the same: they join names and values bare."""

    def joined(pairs: list[tuple[str, str]]) -> str:
        return "".join(name + value for name, value in sorted(set(pairs)))

    return None if joined(changed) == joined(params) else _replaced(genuine, body=urlencode(changed).encode())


def _replaced(genuine: WebhookRequest, path: str | None = None, query: str | None = None, body: bytes | None = None) -> WebhookRequest:
    return WebhookRequest(
        genuine.method,
        genuine.path if path is None else path,
        genuine.query if query is None else query,
        genuine.headers,
        genuine.body if body is None else body,
    )
