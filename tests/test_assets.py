"""Guards what the face is made of: every sentence translated, every file as it was recorded, nothing grown past its budget."""

from __future__ import annotations

import gzip
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from console.catalogs import LANGUAGES, SOURCE_LANGUAGE
from console.rendering import Renderer
from console.words import ADDRESS_STATUSES, CHANNELS, MESSAGE_STATES

ROOT = Path(__file__).resolve().parent.parent
# `Meaning(...)` holds the sentences of the carriers' error codes.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (1, 2), "N_": None, "Meaning": (1,)}
VARIABLE = re.compile(r"%\(\w+\)s|\{\w\}")
OWN_SCRIPTS = sorted((ROOT / "static").glob("*.js"))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(lambda: datetime(2026, 11, 21, 15, 46, tzinfo=UTC))


def extracted() -> Catalog:
    """Every msgid of the templates and the rooms."""
    methods, options = parse_mapping_cfg((ROOT / "babel.cfg").open())  # type: ignore[no-untyped-call]
    catalog = Catalog()
    for found in extract_from_dir(ROOT, methods, options, keywords=KEYWORDS):
        catalog.add(found[2])
    return catalog


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE_LANGUAGE])
def test_every_sentence_is_translated(language: str) -> None:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        translated = read_po(source, locale=language)
    wanted = {forms(message.id)[0] for message in extracted() if message.id}
    assert len(wanted) > 100, "the extraction found the rooms and the templates"
    for msgid in sorted(wanted):
        message = translated.get(msgid)
        texts = forms(message.string) if message and not message.fuzzy else ("",)
        assert all(texts), f"{language} lacks {msgid!r}"
        for text in texts:
            assert set(VARIABLE.findall(text)) == set(VARIABLE.findall(msgid)), f"{language}: other variables in {text!r}"
    unused = {forms(message.id)[0] for message in translated if message.id} - wanted
    assert not unused, f"{language} translates what nobody says: {unused}"


def forms(text: object) -> tuple[str, ...]:
    """The singular, and the plurals where there are some."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def test_a_missing_icon_or_file_is_an_error(renderer: Renderer) -> None:
    with pytest.raises(LookupError):
        renderer.assets.check_icon("no-such-icon")
    with pytest.raises(LookupError):
        renderer.asset("no-such-file.js")
    for table in (CHANNELS, MESSAGE_STATES, ADDRESS_STATUSES):
        for word in table.values():
            renderer.assets.check_icon(word.icon)


def test_bundles_are_named_after_their_bytes_and_stay_in_budget(renderer: Renderer) -> None:
    (css_name, css), (js_name, js) = renderer.bundle_css(), renderer.bundle_js()
    assert hashlib.sha256(css).hexdigest()[:12] in css_name
    assert hashlib.sha256(js).hexdigest()[:12] in js_name
    assert len(gzip.compress(css)) <= 16_000
    assert len(gzip.compress(js)) <= 44_000
    assert (ROOT / "static/fonts/inter-latin.woff2").stat().st_size <= 60_000
    assert css.count(b"{") == css.count(b"}")
    assert css.startswith(b"@layer")


@pytest.mark.parametrize("script", OWN_SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_and_build_no_html(script: Path) -> None:
    source = script.read_text()
    assert len(source.splitlines()) < 100
    assert source.startswith("// "), "the first line says what it guards"
    assert not re.search(r"innerHTML|outerHTML\s*=|insertAdjacent|createElement|document\.write|DOMParser|eval\(", source)


def test_vendored_files_are_the_recorded_ones() -> None:
    recorded = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{128}) \|$", (ROOT / "static/vendor/README.md").read_text(), re.MULTILINE)
    assert len(recorded) == 2
    for name, digest in recorded:
        assert hashlib.sha512((ROOT / "static" / name).read_bytes()).hexdigest() == digest, name
