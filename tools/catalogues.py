"""Compiles the translations, and tells which words on screens have none: `catalogues.py compile|check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
ROOMS = ("base", "staff", "debts", "channels", "compliance", "identity", "inbox", "console")
METHODS = [*((f"{room}/**.py", "python") for room in ROOMS), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "counted": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def main(argv: list[str]) -> int:
    """The exit code: 0 all is well, 1 something is not translated, 2 the command is wrong."""
    if argv == ["compile"]:
        return compile_all()
    if argv == ["check"]:
        return check_all()
    print(__doc__)
    return 2


def compile_all() -> int:
    """Write the .mo beside each .po that is newer."""
    for po in catalogues():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        making = mo.with_suffix(".mo.new")
        with making.open("wb") as file:
            write_mo(file, read(po))
        making.replace(mo)
        print(f"trato: Compiled the translations of {po.parent.parent.name}.", flush=True)
    return 0


def check_all() -> int:
    """Print every word on screens that a catalogue lacks, leaves empty or marks as doubtful."""
    if not LOCALE.exists():
        return 0
    wanted = list(extracted())
    problems = [problem for po in catalogues() for problem in problems_of(po, read(po), wanted)]
    print("\n".join(problems) if problems else "Translations: nothing is missing.")
    return 1 if problems else 0


def problems_of(po: Path, catalogue: Catalog, wanted: list[tuple[str, object, str | None]]) -> Iterator[str]:
    """What is wrong with one catalogue, each line naming where the word is used."""
    name = po.relative_to(ROOT)
    for place, msgid, context in wanted:
        message = catalogue.get(msgid, context)
        if message is None:
            yield f"{name}: {place}: {msgid!r} is missing"
        elif message.fuzzy:
            yield f"{name}: {place}: {msgid!r} is marked fuzzy"
        elif not all(message.string if isinstance(message.string, tuple | list) else [message.string]):
            yield f"{name}: {place}: {msgid!r} has no translation"
    for message in catalogue:
        for error in message.check(catalogue) if message.id else ():
            yield f"{name}: line {message.lineno}: {message.id!r}: {error}"


def extracted() -> Iterator[tuple[str, object, str | None]]:
    """Every word on screens: where, its msgid, its context."""
    options = {"templates/**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}
    for path, line, msgid, _, context in extract_from_dir(str(ROOT), METHODS, options, KEYWORDS, directory_filter=wanted_folder):
        yield f"{path}:{line}", msgid, context


def wanted_folder(folder: str) -> bool:
    """Whether words are looked for below this folder."""
    return Path(folder).relative_to(ROOT).parts[:1] in {(), ("templates",), *((room,) for room in ROOMS)}


def catalogues() -> list[Path]:
    """All catalogues, in the order of their languages."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def read(po: Path) -> Catalog:
    """One catalogue, in the language its folder names."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parent.parent.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
