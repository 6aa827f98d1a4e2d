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
# Two agents' shift fills two browsers, and chaos starts a whole product and kills it: they have the machine for themselves.
.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/test_chaos.py --ignore tests/test_shift.py
exec .venv/bin/python -m pytest tests/test_shift.py tests/test_chaos.py
