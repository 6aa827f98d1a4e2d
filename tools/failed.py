"""The tests that failed in the last run, one a line."""

from __future__ import annotations

import json
from pathlib import Path

print("\n".join(sorted(json.loads(Path(".pytest_cache/v/cache/lastfailed").read_text()))))
