"""The generator's own record: one JSON line per thing that was asked for, answered, killed or shown, with the moment it happened."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class History:
    """Appends lines to a file. `at` is seconds since 1970, of this machine's clock, which every program of a run shares."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def note(self, what: str, **detail: Any) -> None:
        """Write one line."""
        self._file.write(json.dumps({"at": time.time(), "what": what, **detail}, ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_history(path: Path) -> list[dict[str, Any]]:
    """All lines, in order."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
