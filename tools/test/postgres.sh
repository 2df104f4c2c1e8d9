#!/usr/bin/env bash
# postgres.sh COMMAND…: runs COMMAND with TEST_DATABASE_URL set to a PostgreSQL server of its own,
# in a temporary folder, on a free loopback port, as an unprivileged user; the server ends with the command.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d)
chmod 755 "$dir"
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as() { setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" "$@"; }
  chown postgres: "$dir"
fi
as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
# fsync off: these servers hold test data only; the bench sets POSTGRES_FSYNC=on, durability tests start their own.
as "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" \
  -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c fsync=${POSTGRES_FSYNC:-off} -c max_connections=200" start
stop() { as "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap stop EXIT INT TERM
TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable" "$@"
