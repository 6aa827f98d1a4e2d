"""Phones: all forms of one number are one, two numbers never are."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from base.errors import InvalidField
from channels.phones import mask_phone, match_key, parse_phone, parse_sender

# as written, country, dialled as, compared as, country found, a zone
WRITTEN = [
    ("+573001234567", None, "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("300 123 4567", "CO", "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("300-123-4567", "co", "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("(300) 123.4567", "CO", "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("0057 300 123 4567", None, "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("tel:+57-300-123-4567", None, "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("\u202a+57 300 123 4567\u202c", None, "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("\uff0b57 300\u2013123\u20144567", None, "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("+57\u00a0300\u00a0123\u00a04567", "MX", "+573001234567", "+573001234567", "CO", "America/Bogota"),
    ("+5511987654321", None, "+5511987654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("+551187654321", None, "+551187654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("(11) 98765-4321", "BR", "+5511987654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("(11) 8765-4321", "BR", "+551187654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("011 98765 4321", "BR", "+5511987654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("0 15 11 98765-4321", "BR", "+5511987654321", "+5511987654321", "BR", "America/Sao_Paulo"),
    ("+55 92 8123-4567", None, "+559281234567", "+5592981234567", "BR", "America/Manaus"),
    ("+551133334444", None, "+551133334444", "+551133334444", "BR", "America/Sao_Paulo"),
    ("+5511933334444", None, "+5511933334444", "+5511933334444", "BR", "America/Sao_Paulo"),
    ("+5491123456789", None, "+5491123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("+541123456789", None, "+541123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("011 15 2345-6789", "AR", "+5491123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("+54 11 15 2345 6789", None, "+5491123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("+54 9 11 15 2345 6789", None, "+5491123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("0351 15 612-3456", "AR", "+5493516123456", "+543516123456", "AR", "America/Buenos_Aires"),
    ("+549 351 15 6123456", None, "+5493516123456", "+543516123456", "AR", "America/Buenos_Aires"),
    ("+54 9 351 612 3456", None, "+5493516123456", "+543516123456", "AR", "America/Buenos_Aires"),
    ("+54 2966 15 412345", None, "+5492966412345", "+542966412345", "AR", "America/Buenos_Aires"),
    ("+54 2966 412345", None, "+542966412345", "+542966412345", "AR", "America/Buenos_Aires"),
    ("11 2345 6789", "AR", "+541123456789", "+541123456789", "AR", "America/Buenos_Aires"),
    ("+525512345678", None, "+525512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("+5215512345678", None, "+5215512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("55 1234 5678", "MX", "+525512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("044 55 1234 5678", "MX", "+525512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("045 55 1234 5678", "MX", "+525512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("01 55 1234 5678", "MX", "+525512345678", "+525512345678", "MX", "America/Mexico_City"),
    ("+52 1 664 123 4567", None, "+5216641234567", "+526641234567", "MX", "America/Tijuana"),
    ("+56 9 8765 4321", None, "+56987654321", "+56987654321", "CL", "America/Santiago"),
    ("987 654 321", "PE", "+51987654321", "+51987654321", "PE", "America/Lima"),
    ("+593 99 123 4567", None, "+593991234567", "+593991234567", "EC", "America/Guayaquil"),
    ("+1 809 234 5678", None, "+18092345678", "+18092345678", "DO", "America/Santo_Domingo"),
    ("+12025550123", None, "+12025550123", "+12025550123", "US", "America/New_York"),
]


@pytest.mark.parametrize(("text", "country", "dialable", "key", "found", "zone"), WRITTEN)
def test_how_numbers_are_read(text: str, country: str | None, dialable: str, key: str, found: str, zone: str) -> None:
    phone = parse_phone(text, country)
    assert (phone.dialable, phone.match_key, phone.country) == (dialable, key, found)
    assert zone in phone.zones
    assert match_key(phone.dialable) == key


HOPELESS = [
    ("", None),
    ("   ", None),
    ("+", None),
    ("no tengo", None),
    ("3001234567", None),
    ("3001234567", "XX"),
    ("12345", "US"),
    ("+573001", None),
    ("+57300123456789012", None),
    ("+999123456789", None),
    ("+57 300 123 4567 ext 5", None),
    ("3001234567 / 3007654321", "CO"),
    ("llamar al 3001234567", "CO"),
    ("15 2345 6789", "AR"),
    ("1-800-FLOWERS", "US"),
    ("3" * 5000, "CO"),
    ("\0", "CO"),
    ("+57 300\0 123 4567", None),
]


@pytest.mark.parametrize(("text", "country"), HOPELESS)
def test_hopeless_numbers_say_how_to_write_them(text: str, country: str | None) -> None:
    with pytest.raises(InvalidField) as caught:
        parse_phone(text, country)
    assert caught.value.field == "value"
    assert caught.value.problem.endswith(".")


DIFFERENT = [
    ("+5511933334444", "+551133334444"),  # a mobile and a fixed line: no old mobile began with 3
    ("+5511987654321", "+5521987654321"),
    ("+525512345678", "+12025512345"),
    ("+5491123456789", "+5493511234567"),
    ("+573001234567", "+573001234568"),
    ("12345", "+12345"),
    ("CO.abc", "CO.ABC"),
    ("CO.abc", "CO.a.bc"),
    ("BANCO", "banco"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_numbers_stay_different(one: str, other: str) -> None:
    assert match_key(one) != match_key(other)


SENDERS = [
    ("12345", "12345"),
    ("123-456", "123456"),
    ("BANCO X", "BANCO X"),
    ("CO.1A2b", "CO.1A2b"),
    ("+15005550006", "+15005550006"),
    ("+12", "+12"),
    ("+5215512345678", "+525512345678"),
    (" +5215512345678 ", "+525512345678"),
    ("whatsapp:+1", "whatsapp:+1"),
    ("", ""),
    ("anonymous", "anonymous"),
    ("+266696687", "+266696687"),
]


@pytest.mark.parametrize(("sender", "key"), SENDERS)
def test_every_sender_has_a_key(sender: str, key: str) -> None:
    phone = parse_sender(sender)
    assert (phone.dialable, phone.match_key) == (sender.strip(), key)


def test_the_simulators_reserved_numbers_are_numbers() -> None:
    for last in range(10):
        phone = parse_phone(f"+1500555000{last}")
        assert phone.match_key == phone.dialable == f"+1500555000{last}"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.from_regex(r"\+?[0-9 ().-]{0,25}", fullmatch=True)))
def test_a_key_never_fails_and_names_itself(sender: str) -> None:
    assert match_key(sender) == match_key(sender)
    mask_phone(sender)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["55", "54", "549", "52", "521", "57", "1"]), st.text("0123456789", min_size=6, max_size=12))
@example("57", "00559100599")
@example("55", "009041105900")
@example("549", "091853837725")
def test_the_key_of_a_key_is_itself(code: str, rest: str) -> None:
    """Else one person would be found under two keys, by the form in which their number was stored."""
    key = match_key(f"+{code}{rest}")
    assert match_key(key) == key


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([11, 21, 31, 47, 51, 61, 71, 81, 92]), st.integers(60_000_000, 99_999_999))
def test_brazils_ninth_digit(area: int, number: int) -> None:
    assert match_key(f"+55{area}{number}") == match_key(f"+55{area}9{number}")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["11", "351", "341", "261", "381"]), st.integers(2_000_000, 6_999_999))
def test_argentinas_nine(area: str, number: int) -> None:
    national = f"{area}{number}".ljust(10, "4")[:10]
    assert match_key(f"+54{national}") == match_key(f"+549{national}")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["55", "33", "81", "664", "998"]), st.integers(20_000_000, 89_999_999))
def test_mexicos_one(area: str, number: int) -> None:
    national = f"{area}{number}"[:10]
    assert match_key(f"+52{national}") == match_key(f"+521{national}")


MASKS = [
    ("+573001234512", "+57 ··· ··· 45 12"),
    ("+15005550006", "+1 ··· ··· 00 06"),
    ("+5511987654321", "+55 ··· ··· 43 21"),
    ("+2901234", "+290 ··· 34"),
    ("12345", "··· 45"),
    ("1234", "···"),
    ("", "···"),
    ("CO.1A2b3C", "··· 3C"),
]


@pytest.mark.parametrize(("dialable", "masked"), MASKS)
def test_masks_show_the_end_only(dialable: str, masked: str) -> None:
    assert mask_phone(dialable) == masked
