"""Guards the simulator's own signature and segments, by vectors that both sides of the wire must meet."""

from __future__ import annotations

import pytest

from simulator.segments import count_parts
from simulator.signature import sign, sign_json

COMPANY = "https://mycompany.com/myapp.php?foo=1&bar=2"
DIGITS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
WILD = [
    ("MessageSid", "SM1"),
    ("Body", "héllo 👍 a+b&c=d "),
    ("MediaUrl0", "https://x/y?z=1"),
    ("From", "whatsapp:+14155552345"),
    ("body", "lower"),
    ("NumMedia", ""),
]


@pytest.mark.parametrize(
    ("url", "parameters", "algorithm", "signature"),
    [
        (COMPANY, DIGITS, "sha1", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (COMPANY, DIGITS, "sha256", "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
        (COMPANY.replace(".com", ".com:1234"), DIGITS, "sha1", "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
        ("https://h.example/t/7/sms", WILD, "sha1", "LkG/lwJc7awdcwND+ttHDdPwL/M="),
        ("https://h.example/x", [("A", "2"), ("A", "1"), ("A", "1"), ("B", "3")], "sha1", "ULEblBtY7y7x76JedGxjhHL6dSU="),
        ("https://h.example/x?From=%2B1415&Body=a%20b", [], "sha1", "RZscaZJBvX7TXQKPjZ4KLEe41tU="),
    ],
)
def test_signature_vectors(url: str, parameters: list[tuple[str, str]], algorithm: str, signature: str) -> None:
    assert sign("12345", url, parameters, algorithm) == signature


def test_signature_of_a_json_body() -> None:
    url, signature = sign_json("12345", COMPANY, b'{"property": "value", "boolean": true}')
    assert url.endswith("&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620")
    assert signature == "a9nBmqA0ju/hNViExpshrM61xv4="


@pytest.mark.parametrize(
    ("text", "count", "encoding"),
    [
        ("", 1, "GSM-7"),
        ("ñé à Ç @\n" + "a" * 151, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),
        ("€" * 81, 2, "GSM-7"),
        ("€" * 152, 2, "GSM-7"),
        ("€" * 153, 3, "GSM-7"),  # 306 units, but a pair never straddles a boundary: 152, 152, 2
        ("á" * 70, 1, "UCS-2"),
        ("ç" + "a" * 70, 2, "UCS-2"),
        ("á" * 134, 2, "UCS-2"),
        ("á" * 135, 3, "UCS-2"),
        ("👍" * 35, 1, "UCS-2"),
        ("👍" * 67, 3, "UCS-2"),
    ],
)
def test_segments(text: str, count: int, encoding: str) -> None:
    parts = count_parts(text)
    assert (parts.count, parts.encoding) == (count, encoding)
