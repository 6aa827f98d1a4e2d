"""Small files under ``TRATO_VAR`` that must never be seen half-written, or by another user of the machine."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from base.errors import SettingsError


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it (mode 0600)."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_private_json(path: Path, values: Mapping[str, object]) -> None:
    """Like `write_private`, for a flat map that people may want to read."""
    write_private(path, json.dumps(values, indent=2) + "\n")


def read_json(path: Path) -> dict[str, str]:
    """A map of names to texts, empty when there is no such file. Raises `SettingsError` when it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}). Repair or remove it and start again.") from error
    if not isinstance(found, dict):
        raise SettingsError(f"{path} is damaged. Repair or remove it and start again.")
    return {str(name): str(value) for name, value in found.items()}
