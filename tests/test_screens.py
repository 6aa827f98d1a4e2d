"""The pictures of the docs: each in both themes, each named, and the gallery as the tool writes it."""

from __future__ import annotations

import re

from tools.screens import FOLDER, GALLERY, ROOT, gallery
from tools.shots import SHOTS


def test_every_picture_is_there_in_both_themes_and_in_the_gallery() -> None:
    files = {file.name for file in FOLDER.glob("*")}
    named = {
        name
        for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        for name in re.findall(r"screens/([\w-]+\.png)", page.read_text())
    }
    assert named - files == set(), "named, and not there"
    assert {f"{name.removesuffix('.png').removesuffix('-dark')}{theme}.png" for name in files for theme in ("", "-dark")} == files, (
        "one theme only"
    )
    assert files - {name for shot in SHOTS for pair in shot.files() for name in pair} == set(), "of no screen that is known"
    assert GALLERY.read_text() == gallery()
    assert files - set(re.findall(r"screens/([\w-]+\.png)", GALLERY.read_text())) == set(), "there, and not named"
