# A real browser for the tests: CHROMIUM, one that is installed, else one from the distribution.

need_chromium() {
    find_chromium || {
        if apt_has chromium; then
            apt_install chromium fonts-dejavu-core
        else
            # Where the distribution has it only as a snap.
            say "Installing Chromium through Playwright…"
            step .venv/bin/python -m playwright install --with-deps chromium ||
                fail "No Chromium could be installed. Install Chromium or Chrome, or set CHROMIUM to its program."
        fi
        find_chromium || fail "No Chromium was found. Install Chromium or Chrome, or set CHROMIUM to its program."
    }
    export CHROMIUM
}

find_chromium() {
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || fail "CHROMIUM is $CHROMIUM, which is no program. Set it to a Chromium or Chrome, or unset it."
        return 0
    fi
    for name in chromium google-chrome google-chrome-stable; do
        CHROMIUM=$(command -v "$name" || true)
        [ -z "$CHROMIUM" ] || return 0
    done
    CHROMIUM=$(.venv/bin/python tools/playwright_chromium.py)
    [ -n "$CHROMIUM" ]
}

apt_has() {
    command -v apt-cache >/dev/null || return 1
    # A fresh machine has no lists yet; Debian always has the package.
    grep -q '^ID=debian' /etc/os-release 2>/dev/null || apt-cache show "$1" >/dev/null 2>&1
}
