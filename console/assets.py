"""Files for browsers: addresses that change with their bytes, one style sheet out of many files, icons that are known to exist."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

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
    "composer.js",
    "drafts.js",
    "picker.js",
    "hold.js",
    "files.js",
    "segments.js",
    "read.js",
    "acts.js",
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


class Assets:
    """What lies in one ``static/`` folder, read once at start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._urls: dict[str, str] = {}
        self._icons = frozenset(SYMBOL.findall((folder / "icons.svg").read_text()))
        self.css = _style_sheet(folder / "css")
        self.css_name = f"app-{_digest(self.css)}.css"
        self.js = "\n".join(_script((folder / name).read_text(), name) for name in JS_ORDER).encode()
        self.js_name = f"app-{_digest(self.js)}.js"

    def url(self, name: str) -> str:
        """The address of one file, its digest in the query. Raises LookupError for a file that is not there."""
        if name not in self._urls:
            path = self._folder / name
            if not path.is_file():
                raise LookupError(f"static/{name} does not exist")
            self._urls[name] = f"/static/{name}?v={_digest(path.read_bytes())}"
        return self._urls[name]

    def check_icon(self, name: str) -> None:
        """Raises LookupError for a symbol that the sprite does not have, so that a missing icon is a failing test and not a hole."""
        if name not in self._icons:
            raise LookupError(f"static/icons.svg has no symbol {name}")


def _style_sheet(folder: Path) -> bytes:
    parts = [path.read_text() for pattern in CSS_ORDER for path in sorted(folder.glob(pattern))]
    return VALUE.sub(r"\1:", EDGES.sub(r"\1", SPACE.sub("\n", COMMENT.sub("", "\n".join(parts))))).replace(";}", "}").strip().encode()


def _script(source: str, name: str) -> str:
    """One script without its comments and indentation; what is not ours stays as it was recorded."""
    return source if name.startswith("vendor/") else REASON.sub("", source)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
