# All tests, after making sure of everything they need. ARGS holds more words for pytest.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh
. tools/chromium.sh

environment requirements-dev.lock
catalogues
chromium
eval "set -- ${ARGS:-}"
exec .venv/bin/python -m pytest "$@"
