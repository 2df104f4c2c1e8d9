#!/usr/bin/env bash
# e2e.sh [NAME]: browser tests on the real binary; the whole path runs once on SQLite and once on PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/../.."
make -s build
node e2e/run.mjs "$@"
tools/test/postgres.sh env E2E_ENGINE=postgres node e2e/run.mjs "${1:-Weg}"
