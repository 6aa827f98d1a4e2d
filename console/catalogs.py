"""Reads the translations of the screens: compiled catalogues, or their sources where none was compiled since the last change."""

from __future__ import annotations

import gettext
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Final = ("es", "pt", "en")
SOURCE_LANGUAGE: Final = "en"
DOMAIN: Final = "messages"

Catalog = gettext.NullTranslations


def read_catalogs(folder: Path) -> dict[str, Catalog]:
    """One catalogue per language, msgids being English. Raises FileNotFoundError for a language without a source."""
    return {language: Catalog() if language == SOURCE_LANGUAGE else _read(folder, language) for language in LANGUAGES}


def _read(folder: Path, language: str) -> Catalog:
    source = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = source.with_suffix(".mo")
    if compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime:
        return gettext.GNUTranslations(BytesIO(compiled.read_bytes()))
    with source.open("rb") as text:
        written = BytesIO()
        write_mo(written, read_po(text, locale=language, domain=DOMAIN))
    return gettext.GNUTranslations(BytesIO(written.getvalue()))
