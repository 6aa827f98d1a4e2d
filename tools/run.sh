# Starts everything on this machine; `make run` is this. Ends as the launcher, in the same process.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh

environment requirements.lock
catalogues
if [ "${1:-}" = --with-make ]; then
    # The launcher stops when make is gone, even if make was killed.
    exec .venv/bin/python -m base.embedded.launcher --parent "$PPID"
fi
exec .venv/bin/python -m base.embedded.launcher
