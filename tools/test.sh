# All tests, after making sure of everything they need. ARGS holds more words for pytest.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh
. tools/chromium.sh

environment requirements-dev.lock
catalogues
need_chromium
if [ -n "${ARGS:-}" ]; then
    eval "set -- $ARGS"
    exec .venv/bin/python -m pytest "$@"
fi
# Two processes, each with servers of its own, file by file, the longest first (tests/conftest.py).
# Chaos starts a whole product and kills it: it has the machine for itself.
.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/test_chaos.py
exec .venv/bin/python -m pytest tests/test_chaos.py
