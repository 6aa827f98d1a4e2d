# Shared by the scripts beside it: words for people, steps that die with us, the Python environment.
# Sourced with the checkout as the working folder.

# Every program would compile every module at every start.
unset PYTHONDONTWRITEBYTECODE

say() { printf 'trato: %s\n' "$*"; }

fail() {
    say "$*" >&2
    exit 1
}

# A signal to us must also end the step that is running, with all it started: make waits for us, not for it.
step_pid=
trap 'end_step 130' INT
trap 'end_step 143' TERM
trap 'end_step 129' HUP

end_step() {
    trap '' INT TERM HUP
    if [ -n "$step_pid" ]; then
        kill -- "-$step_pid" 2>/dev/null || true
        wait "$step_pid" 2>/dev/null || true
    fi
    exit "$1"
}

step() {
    # A session of its own is a group of its own, which can be ended as a whole.
    setsid "$@" &
    step_pid=$!
    step_code=0
    wait "$step_pid" || step_code=$?
    step_pid=
    return "$step_code"
}

# environment LOCK: .venv holds what LOCK lists, by hash, and the project itself. Nothing is done when it already does.
environment() {
    remake_moved_environment
    made_from=$(cat requirements-uv.lock "$1" pyproject.toml | sha256sum)
    stamp=".venv/.made-from-$(basename "$1")"
    [ "$(cat "$stamp" 2>/dev/null)" != "$made_from" ] || return 0
    say "Installing the packages of $1…"
    step .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock ||
        fail "The installer uv could not be installed. Is there a way to the package index?"
    # Install, not sync: what another target installed stays.
    step .venv/bin/python -m uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1" ||
        fail "The packages of $1 could not be installed. Is there a way to the package index?"
    step .venv/bin/python -m uv pip install --quiet --offline --python .venv/bin/python --no-deps --no-build-isolation --editable . ||
        fail "The project itself could not be installed into .venv."
    printf '%s\n' "$made_from" >"$stamp"
}

# The scripts in .venv/bin name their folder, and the Python they were made with may be gone: then it is made anew.
remake_moved_environment() {
    if [ "$(cat .venv/.made-in 2>/dev/null)" = "$(pwd)" ] && .venv/bin/python -c "" 2>/dev/null; then
        return 0
    fi
    # One that somebody made by hand is kept; one that was left half-made is not.
    if [ -e .venv/.made-in ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        find_python
        say "Making the Python environment .venv ($("$python" --version 2>&1))…"
        rm -rf .venv
        step "$python" -m venv .venv || venv_from_apt
    fi
    pwd >.venv/.made-in
}

find_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return 0
        fi
    done
    fail "Python 3.11 or newer is needed. Install it, or set PYTHON to it."
}

# Debian and Ubuntu keep the module venv in a package of its own.
venv_from_apt() {
    rm -rf .venv
    apt_install "$("$python" -c 'import sys; print(f"python3.{sys.version_info[1]}-venv")')"
    step "$python" -m venv .venv || fail "A Python environment could not be made with $python."
}

# apt_install PACKAGE...: as root, or through sudo; else says what is missing.
apt_install() {
    command -v apt-get >/dev/null || fail "Please install: $*"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "Please install as root: apt-get install $*"
        as_root="sudo"
        [ -t 0 ] || as_root="sudo -n"
    fi
    say "Installing $* with apt-get…"
    apt_log=$(mktemp)
    # Not as a step: sudo may have to ask, and a package half-installed is worse than one too many.
    if ! { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "$@"; } >"$apt_log" 2>&1; then
        tail -n 20 "$apt_log" >&2
        rm -f "$apt_log"
        fail "Could not be installed: $*"
    fi
    rm -f "$apt_log"
}

# Translations are compiled here, never committed.
catalogues() {
    .venv/bin/python tools/catalogues.py compile
}
