"""Knows when two phone numbers are one: what we dial, what we compare, and where it may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult
from phonenumbers.timezone import time_zones_for_number

from base.errors import InvalidField
from base.words import N_

BRAZIL, ARGENTINA, MEXICO = 55, 54, 52
WRITTEN = re.compile(r"(?:tel:)?\+?[\d\s().\-]+")
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
UNKNOWN_ZONE = "Etc/Unknown"
MASK = "···"
MAX_READINGS = 20
HOW_TO_WRITE = N_("This is no phone number. Write it with + and the country's code, for example +57 300 123 4567.")
PROBLEMS = {
    ValidationResult.TOO_SHORT: N_("This number is too short. Write it whole, with the area's code."),
    ValidationResult.TOO_LONG: N_("This number is too long. Write one number only, without an extension."),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: N_("This number lacks the area's code."),
    ValidationResult.INVALID_LENGTH: N_("This number has a length that its country does not use."),
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be reached: `dialable` is what we send to, `match_key` what we compare, never the other way round.

    `country` is ISO 3166 or unknown; `zones` are IANA names, all that the number allows (evidence, not an answer).
    """

    dialable: str
    match_key: str
    country: str | None
    zones: tuple[str, ...]


def parse_phone(text: str, country: str | None = None) -> Phone:
    """A number as a person wrote it, in `country` (ISO 3166) where it lacks a country code.

    Numbers of a possible length pass even where nobody was given them yet; raises `InvalidField` for the hopeless ones.
    """
    number = _written(text, country)
    canonical = _canonical(number)
    problem = phonenumbers.is_possible_number_with_reason(canonical)
    if problem != ValidationResult.IS_POSSIBLE:
        raise InvalidField("value", PROBLEMS.get(problem, HOW_TO_WRITE))
    if _lacks_area(canonical):
        raise InvalidField("value", PROBLEMS[ValidationResult.IS_POSSIBLE_LOCAL_ONLY])
    zones = tuple(zone for zone in time_zones_for_number(canonical) if zone != UNKNOWN_ZONE)
    return Phone(_dialable(number, canonical), _e164(canonical), _country(canonical), zones)


def parse_sender(text: str) -> Phone:
    """Whatever a carrier names as sender: a number, a short code, a word. Never fails; it is dialled as the carrier wrote it."""
    dialable = text.strip()
    try:
        known = parse_phone(dialable)
    except InvalidField:
        return Phone(dialable, _plain(dialable), None, ())
    return Phone(dialable, known.match_key, known.country, known.zones)


def match_key(text: str) -> str:
    """What an address is compared by: one key for all forms of a number, and one for every other sender. Never fails."""
    return parse_sender(text).match_key


def spoken_phone(dialable: str) -> str:
    """A number in groups, as people read it aloud, with its country's code: ``+57 300 1234567``."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(dialable), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return dialable


def mask_phone(dialable: str) -> str:
    """A number that its owner recognises and nobody else can dial: country code and the last four digits, of short ones two."""
    try:
        number = phonenumbers.parse(dialable)
    except NumberParseException:
        return f"{MASK} {dialable[-2:]}" if len(dialable) > 4 else MASK
    digits = phonenumbers.national_significant_number(number)
    if len(digits) < 8:
        return f"+{number.country_code} {MASK} {digits[-2:]}"
    return f"+{number.country_code} {MASK} {MASK} {digits[-4:-2]} {digits[-2:]}"


def _written(text: str, country: str | None) -> PhoneNumber:
    """The number in what a person wrote or pasted; pasted ones carry invisible marks and other scripts' digits."""
    visible = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    plain = visible.translate(DASHES).strip()
    if len(plain) > 40 or not WRITTEN.fullmatch(plain):
        raise InvalidField("value", HOW_TO_WRITE)
    if country is None and plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        return phonenumbers.parse(plain, country.upper() if country else None)
    except NumberParseException as error:
        raise InvalidField("value", HOW_TO_WRITE) from error


def _canonical(number: PhoneNumber) -> PhoneNumber:
    """The one form of a number, read again until nothing changes: prefixes for use at home come doubled, one reading drops one."""
    for _ in range(MAX_READINGS):
        again = _reread(number)
        if _e164(again) == _e164(number):
            break
        number = again
    return number


def _reread(number: PhoneNumber) -> PhoneNumber:
    """The number by its country's rule where people may write it in several forms."""
    rules = {BRAZIL: _brazil, ARGENTINA: _argentina, MEXICO: _mexico}
    code, national = number.country_code or 0, phonenumbers.national_significant_number(number)
    try:
        return phonenumbers.parse(f"+{code}{rules[code](national) if code in rules else national}")
    except NumberParseException:
        return number


def _brazil(national: str) -> str:
    """Mobiles got a leading 9 after the area's code; those from before began with 6 to 9, fixed lines begin with 2 to 5."""
    return re.sub(r"^(\d\d)([6-9]\d{7})$", r"\g<1>9\2", national)


def _argentina(national: str) -> str:
    """Mobiles are 9, area, number from abroad and area, 15, number at home; without both, area and number make ten digits."""
    bare = national[1:] if national.startswith("9") and len(national) in (11, 13) else national
    if len(bare) == 12:
        homes = [bare[:area] + bare[area + 2 :] for area in (2, 3, 4) if bare[area : area + 2] == "15"]
        return next((home for home in homes if phonenumbers.is_valid_number(phonenumbers.parse(f"+54{home}"))), bare)
    return bare


def _mexico(national: str) -> str:
    """Mobiles once took a 1 after the country's code, and 01, 044 or 045 at home; since 2019 all have ten digits."""
    return re.sub(r"^(?:1|01|044|045)(\d{10})$", r"\1", national)


def _lacks_area(canonical: PhoneNumber) -> bool:
    """An Argentine mobile as its neighbours dial it: 15 and eight digits name no area."""
    return canonical.country_code == ARGENTINA and str(canonical.national_number).startswith("15")


def _dialable(number: PhoneNumber, canonical: PhoneNumber) -> str:
    """As it came, where it can be dialled so from abroad; prefixes for use at home are left out."""
    national = phonenumbers.national_significant_number(number)
    old_mexican = number.country_code == MEXICO and re.fullmatch(r"1\d{10}", national)
    if phonenumbers.is_possible_number(number) or old_mexican:
        return _e164(number)
    if number.country_code == ARGENTINA and national.startswith("9"):
        return f"+549{phonenumbers.national_significant_number(canonical)}"
    return _e164(canonical)


def _country(canonical: PhoneNumber) -> str | None:
    """The country of a number, of an unassigned one only where its code belongs to a single country."""
    region = phonenumbers.region_code_for_number(canonical)
    if region is None:
        regions = phonenumbers.region_codes_for_country_code(canonical.country_code or 0)
        region = regions[0] if len(regions) == 1 else None
    return None if region == "001" else region


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _plain(sender: str) -> str:
    """A short code by its digits alone; any other id exactly, for in some of them case and dots tell two people apart."""
    return re.sub(r"[\s().\-]", "", sender) if WRITTEN.fullmatch(sender) else sender
