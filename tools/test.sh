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
# A test that fails among two thousand, on a machine that is busy with all of them, is looked at once more by itself. What fails again is
# broken; what passes then has a race, which is told by name at the end. More than three at once are no accident.
looked_at_twice() {
    code=0
    .venv/bin/python -m pytest --cache-clear "$@" || code=$?
    [ "$code" = 1 ] || return "$code"
    failed=$(.venv/bin/python tools/failed.py)
    [ "$(printf '%s\n' "$failed" | wc -l)" -le 3 ] || return "$code"
    say "Looking once more, by itself, at:"
    printf '%s\n' "$failed"
    .venv/bin/python -m pytest --last-failed --last-failed-no-failures none "$@" --numprocesses 0 || return
    unsteady="$unsteady$failed
"
}
unsteady=

# Two processes, each with servers of its own, file by file, the longest first (tests/conftest.py).
looked_at_twice --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/test_chaos.py --ignore tests/test_shift.py
# Two agents' shift fills two browsers, and chaos starts a whole product and kills it: they have the machine for themselves.
looked_at_twice tests/test_shift.py
# An invariant that chaos broke once is broken.
.venv/bin/python -m pytest tests/test_chaos.py
if [ -n "$unsteady" ]; then
    say "Failed among the others and passed by themselves, each a race to be found:"
    printf '%s' "$unsteady"
fi
