"""The carrier's words: every code has a kind sentence, every date and id is read or left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.contract import AddressEffect, Channel, ReceiptState
from channels.twilio_words import ERRORS, address_of, count_of, error_of, is_message_id, listed_of, outcome_of, pause_of, time_of

EFFECTS = [
    ("20003", AddressEffect.NONE, False),
    ("21211", AddressEffect.INVALID, False),
    ("21217", AddressEffect.INVALID, False),
    ("21614", AddressEffect.INVALID, False),
    ("21635", AddressEffect.INVALID, False),
    ("21408", AddressEffect.NONE, False),
    ("21612", AddressEffect.NONE, False),
    ("21610", AddressEffect.OPTED_OUT, False),
    ("21606", AddressEffect.NONE, False),
    ("21611", AddressEffect.NONE, True),
    ("30001", AddressEffect.NONE, True),
    ("30003", AddressEffect.SOFT_BOUNCE, True),
    ("30004", AddressEffect.HARD_BOUNCE, False),
    ("30005", AddressEffect.HARD_BOUNCE, False),
    ("30006", AddressEffect.HARD_BOUNCE, False),
    ("30007", AddressEffect.NONE, False),
    ("30008", AddressEffect.SOFT_BOUNCE, True),
    ("63003", AddressEffect.INVALID, False),
    ("63012", AddressEffect.NONE, True),
    ("63016", AddressEffect.NONE, False),
    ("63018", AddressEffect.NONE, True),
    ("63021", AddressEffect.NONE, False),
    ("63024", AddressEffect.INVALID, False),
    ("63032", AddressEffect.NONE, False),
    ("63049", AddressEffect.NONE, False),
    ("31337", AddressEffect.NONE, False),
]


@pytest.mark.parametrize(("code", "effect", "again"), EFFECTS)
def test_what_an_error_means(code: str, effect: AddressEffect, again: bool) -> None:
    error = error_of(code)
    assert (error.code, error.effect, error.again) == (code, effect, again)


def test_a_closed_window_says_what_opens_it() -> None:
    assert "24 hours" in error_of("63016").reason
    assert "template" in error_of("63016").reason


def test_every_reason_is_a_sentence_without_the_carriers_words() -> None:
    for code, meaning in ERRORS.items():
        assert meaning.reason[0].isupper()
        assert meaning.reason.endswith(".")
        assert "wilio" not in meaning.reason
        assert code not in meaning.reason


def test_only_what_may_be_asked_again_has_a_pause() -> None:
    assert {code for code in ERRORS if pause_of(code)} == {"20429", "21611", "30001", "63017", "63018", "63038"}
    assert pause_of("none such") == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sun, 01 Mar 2026 12:30:00 +0000", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 12:30:00 -0500", datetime(2026, 3, 1, 17, 30, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 12:30:00", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("2026-03-01T12:30:00Z", None),
        ("", None),
        (None, None),
        (5, None),
        ("Sun, 99 Mar 2026 12:30:00 +0000", None),
    ],
)
def test_dates(value: object, expected: datetime | None) -> None:
    assert time_of(value) == expected


@pytest.mark.parametrize(
    ("value", "good"), [("SM1", True), ("MM" + "f" * 32, True), ("", False), ("SM\n", False), ("é", False), (5, False), (None, False)]
)
def test_message_ids(value: object, good: bool) -> None:
    assert is_message_id(value) is good


@pytest.mark.parametrize(("value", "number"), [("3", 3), (3, 3), ("", 0), (None, 0), ("x", 0), ("-1", 0), ("9" * 9, 0)])
def test_counts(value: object, number: int) -> None:
    assert count_of(value) == number


def test_addresses() -> None:
    assert address_of("+57") == (Channel.SMS, "+57")
    assert address_of("whatsapp:+57") == (Channel.WHATSAPP, "+57")
    for unknown in ("rcs:+57", "messenger:1", ":x", "client:ana", "x:whatsapp:+57"):
        with pytest.raises(ValueError, match="unknown channel"):
            address_of(unknown)


def test_an_arrived_message_has_no_error() -> None:
    assert outcome_of("delivered", "30005") == (ReceiptState.DELIVERED, None)
    assert outcome_of("failed", "") == (ReceiptState.FAILED, None)


@pytest.mark.parametrize("row", [{}, {"sid": None}, {"sid": "S M", "from": "1"}, {"sid": "SM1", "from": "rcs:1"}, {"sid": 5}])
def test_rows_that_name_no_message_of_ours_are_left(row: dict[str, object]) -> None:
    assert listed_of(row) is None


def test_a_row_of_wrong_types_is_still_storable() -> None:
    row = listed_of({"sid": "SM1", "from": 5, "to": None, "body": "a\0\ud800", "status": 7, "num_media": [], "date_created": 4})
    assert row is not None
    assert (row.sender, row.recipient, row.text, row.carrier_word, row.media_count, row.created_at) == ("5", "", "a?", "7", 0, None)
