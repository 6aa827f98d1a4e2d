# Runs a module of the project with everything it needs: `module.sh bench`. ARGS holds more words for it.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh
. tools/chromium.sh

environment requirements-dev.lock
catalogues
need_chromium
module=$1
eval "set -- ${ARGS:-}"
exec .venv/bin/python -m "$module" "$@"
