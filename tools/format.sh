# Formats the code and repairs what the linter can repair.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh

environment requirements-dev.lock
step .venv/bin/ruff check --fix --quiet . || true
step .venv/bin/ruff format .
