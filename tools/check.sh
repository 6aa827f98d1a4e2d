# Everything that can be told without running the product: format, lint, types, arrows between rooms, translations.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh

environment requirements-dev.lock
step .venv/bin/ruff format --check .
step .venv/bin/ruff check .
step .venv/bin/mypy
step .venv/bin/lint-imports
step .venv/bin/python tools/catalogues.py check
