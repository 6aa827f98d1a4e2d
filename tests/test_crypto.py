"""What is sealed opens only where it was sealed, only with its person's key, and is found without being read."""

from __future__ import annotations

import base64
import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.crypto import Cipher, PersonCipher, Unreadable
from base.errors import SettingsError

ORG, PERSON, ROW = uuid4(), uuid4(), uuid4()


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


OLD, INDEX = {"k1": key()}, key()


def person_of(cipher: Cipher) -> PersonCipher:
    return cipher.person(ORG, PERSON, *cipher.new_person_key(ORG, PERSON))


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(text: str) -> None:
    person = person_of(Cipher(OLD, INDEX))
    assert person.open("debtor", ROW, "name", person.seal("debtor", ROW, "name", text)) == text


def test_a_ciphertext_that_was_moved_does_not_open() -> None:
    cipher = Cipher(OLD, INDEX)
    person = person_of(cipher)
    blob = person.seal("debtor", ROW, "name", "Rosa")
    for table, row, field in (("debtor", uuid4(), "name"), ("agent", ROW, "name"), ("debtor", ROW, "national_id")):
        with pytest.raises(Unreadable):
            person.open(table, row, field, blob)
    name, wrapped = cipher.new_person_key(ORG, PERSON)
    for org, other in ((uuid4(), PERSON), (ORG, uuid4())):
        with pytest.raises(Unreadable):
            cipher.person(org, other, name, wrapped)
    with pytest.raises(Unreadable):
        person_of(cipher).open("debtor", ROW, "name", blob)


def test_what_was_altered_or_cut_does_not_open() -> None:
    person = person_of(Cipher(OLD, INDEX))
    blob = person.seal("debtor", ROW, "name", "Rosa")
    for position in range(len(blob)):
        altered = bytearray(blob)
        altered[position] ^= 1
        with pytest.raises(Unreadable):
            person.open("debtor", ROW, "name", bytes(altered))
        with pytest.raises(Unreadable):
            person.open("debtor", ROW, "name", blob[:position])


def test_a_destroyed_key_opens_nothing_and_names_nobody() -> None:
    with pytest.raises(Unreadable, match=str(PERSON)):
        Cipher(OLD, INDEX).person(ORG, PERSON, None, None)


def test_a_new_key_goes_first_and_the_old_one_still_opens() -> None:
    before = Cipher(OLD, INDEX)
    name, wrapped = before.new_person_key(ORG, PERSON)
    blob = before.person(ORG, PERSON, name, wrapped).seal("debtor", ROW, "name", "Rosa")
    after = Cipher({"k2": key()} | OLD, INDEX)
    assert after.person(ORG, PERSON, name, wrapped).open("debtor", ROW, "name", blob) == "Rosa"
    assert after.new_person_key(ORG, uuid4())[0] == "k2"
    with pytest.raises(Unreadable, match="k1"):
        Cipher({"k2": key()}, INDEX).person(ORG, PERSON, name, wrapped)


def test_the_same_text_is_sealed_differently_each_time_and_found_by_one_index() -> None:
    cipher = Cipher(OLD, INDEX)
    person = person_of(cipher)
    assert person.seal("debtor", ROW, "name", "Rosa") != person.seal("debtor", ROW, "name", "Rosa")
    found = cipher.blind_index(ORG, "phone", "+573001234567")
    assert found == Cipher({"k9": key()}, INDEX).blind_index(ORG, "phone", "+573001234567")
    assert len(found) == 16
    others = {
        cipher.blind_index(ORG, "email", "+573001234567"),
        cipher.blind_index(uuid4(), "phone", "+573001234567"),
        cipher.blind_index(ORG, "phone", "+573001234568"),
        Cipher(OLD, key()).blind_index(ORG, "phone", "+573001234567"),
    }
    assert len(others) == 4
    assert found not in others


@pytest.mark.parametrize("wrong", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_a_wrong_key_in_the_settings_is_named(wrong: str) -> None:
    with pytest.raises(SettingsError, match="k1"):
        Cipher({"k1": wrong}, INDEX)
    with pytest.raises(SettingsError, match="TRATO_INDEX_KEY"):
        Cipher(OLD, wrong)
