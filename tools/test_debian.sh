# The tests on the distribution's PostgreSQL and Redis instead of the packaged ones.
set -eu
cd "$(dirname "$0")/.."
. tools/common.sh

newest_postgres() {
    ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | while read -r folder; do
        [ ! -x "$folder/initdb" ] || printf '%s\n' "$folder"
    done | tail -n 1
}

[ -n "$(newest_postgres)" ] || apt_install postgresql
command -v redis-server >/dev/null || apt_install redis-server
PG_BIN=$(newest_postgres)
REDIS_BIN=$(command -v redis-server)
[ -n "$PG_BIN" ] || fail "No PostgreSQL of the distribution was found in /usr/lib/postgresql."
export PG_BIN REDIS_BIN
unset DATABASE_URL REDIS_URL
say "Testing on $("$PG_BIN/postgres" --version) and $("$REDIS_BIN" --version)"
exec sh tools/test.sh
