#!/usr/bin/env bash
# run.sh [FLAGS]: measures bin/rathaus; with PostgreSQL installed also on a server of its own, with fsync on.
# BENCH_DIR names a folder on the disk to be measured (default: the system's temporary folder).
set -euo pipefail
cd "$(dirname "$0")/../.."

export TMPDIR=${BENCH_DIR:-${TMPDIR:-/tmp}}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${GO:-go}" build -o "$work/bench" ./tools/bench
server=()
if ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1; then
  server=(env POSTGRES_FSYNC=on tools/test/postgres.sh)
else
  echo "PostgreSQL is not installed: SQLite only" >&2
fi
"${server[@]}" "$work/bench" -program bin/rathaus "$@"
