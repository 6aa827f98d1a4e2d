"""Files for browsers: addresses that change with their bytes, one style sheet out of many files, icons that are known to exist."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The settings have a sheet of their own, on top of the other: the desk does not wait for what it never shows.
OFFICE_CSS: Final = "setup.css"
CSS_ORDER: Final = ("layers.css", "reset.css", "tokens.css", "base.css", "layout.css", "components/*.css", "utilities.css")
JS_ORDER: Final = (
    "vendor/htmx-4.0.1.min.js",
    "place.js",
    "order.js",
    "keymap.js",
    "live.js",
    "pill.js",
    "marks.js",
    "story.js",
    "scroll.js",
    "filters.js",
    "times.js",
    "more.js",
    "media.js",
    "presence.js",
    "listbox.js",
    "composer.js",
    "sending.js",
    "modes.js",
    "flight.js",
    "drafts.js",
    "picker.js",
    "card.js",
    "mentions.js",
    "hold.js",
    "files.js",
    "segments.js",
    "read.js",
    "acts.js",
    "ahead.js",
    "lane.js",
    "transfer.js",
    "keys.js",
    "focus.js",
    "palette.js",
    "resume.js",
    "preferences.js",
    "states.js",
    "loading.js",
    "session.js",
    "drawer.js",
    "people.js",
    "sound.js",
    "notify.js",
    "title.js",
    "desk.js",
)
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE: Final = re.compile(r"\s*\n\s*")
EDGES: Final = re.compile(r"\s*([{};])\s*")
VALUE: Final = re.compile(r"([{;][-\w]+): ")
# Reasons are for readers of the source: whole lines, and what stands behind code after three spaces.
REASON: Final = re.compile(r"^[ \t]*//[^\n]*\n|[ \t]{3,}// [^\n]*$|^[ \t]+", re.MULTILINE)
SYMBOL: Final = re.compile(r'<symbol id="([a-z0-9-]+)"')


@dataclass(frozen=True, slots=True)
class Bundle:
    """Many files in one, as it is and packed for the way."""

    media_type: str
    content: bytes
    packed: bytes


class Assets:
    """What lies in one ``static/`` folder, read once at start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._urls: dict[str, str] = {}
        self._icons = frozenset(SYMBOL.findall((folder / "icons.svg").read_text()))
        self.css = b"\n".join(sheet_of(path) for path in sheets_of(folder))
        self.css_name = f"app-{_digest(self.css)}.css"
        self.office_css = sheet_of(folder / "css" / "components" / OFFICE_CSS)
        self.office_css_name = f"office-{_digest(self.office_css)}.css"
        self.js = "\n".join(script_of(folder, name) for name in JS_ORDER).encode()
        self.js_name = f"app-{_digest(self.js)}.js"
        sheets = {self.css_name: self.css, self.office_css_name: self.office_css}
        self._bundles = {name: Bundle("text/css", css, gzip.compress(css, mtime=0)) for name, css in sheets.items()}
        self._bundles[self.js_name] = Bundle("text/javascript", self.js, gzip.compress(self.js, mtime=0))

    def url(self, name: str) -> str:
        """The address of one file, its digest in the query. Raises LookupError for a file that is not there."""
        if name not in self._urls:
            path = self._folder / name
            if not path.is_file():
                raise LookupError(f"static/{name} does not exist")
            self._urls[name] = f"/static/{name}?v={_digest(path.read_bytes())}"
        return self._urls[name]

    def bundle(self, name: str) -> Bundle | None:
        """What is served under a name that changes with its bytes; None for any other name."""
        return self._bundles.get(name)

    def check_icon(self, name: str) -> None:
        """Raises LookupError for a symbol that the sprite does not have, so that a missing icon is a failing test and not a hole."""
        if name not in self._icons:
            raise LookupError(f"static/icons.svg has no symbol {name}")


def sheets_of(folder: Path) -> list[Path]:
    """The files of the desk's style sheet under a ``static/`` folder, in the order of the cascade."""
    return [path for pattern in CSS_ORDER for path in sorted((folder / "css").glob(pattern)) if path.name != OFFICE_CSS]


def sheet_of(path: Path) -> bytes:
    """One style sheet without its comments and spaces."""
    return VALUE.sub(r"\1:", EDGES.sub(r"\1", SPACE.sub("\n", COMMENT.sub("", path.read_text())))).replace(";}", "}").strip().encode()


def script_of(folder: Path, name: str) -> str:
    """One script of `JS_ORDER` without its comments and indentation; what is not ours stays as it was recorded."""
    source = (folder / name).read_text()
    return source if name.startswith("vendor/") else REASON.sub("", source)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
