#!/usr/bin/env bash
# make test: everything that must hold before a change lands. Installs what is missing first.
set -euo pipefail
cd "$(dirname "$0")/../.."
started=$(date +%s)
step() { printf '\n== %s (%ss)\n' "$1" "$(($(date +%s) - started))"; }

step "Voraussetzungen"
tools/test/install.sh
make -s assets

step "Format, vet, staticcheck"
unformatted=$(gofmt -l cmd internal tools)
[ -z "$unformatted" ] || { echo "gofmt: $unformatted" >&2; exit 1; }
go vet ./...
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "Go-Tests auf SQLite"
go test -timeout 15m ./...

step "Go-Tests mit -race, wo Goroutinen sich treffen"
go test -race -timeout 15m ./internal/storage ./internal/job ./internal/konto ./internal/web

step "Go-Tests auf PostgreSQL"
tools/test/postgres.sh go test -count=1 -p 2 -timeout 20m ./internal/...

step "Browser-Tests"
tools/test/e2e.sh

step "fertig"
