# Rathaus. The two commands to know: make demo, make test.
GO ?= go
NPM_CI = npm ci --ignore-scripts --no-audit --no-fund

.PHONY: all assets build demo test lint bench fuzz clean

all: build

node_modules/.package-lock.json: package-lock.json
	$(NPM_CI)
	@touch $@

# Third-party browser assets and fonts: copied from npm by a named list, never committed.
assets: node_modules/.package-lock.json
	$(GO) run ./tools/assets

build: assets
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/rathaus ./cmd/rathaus

# The invented town Wiesenbrueck on http://127.0.0.1:8080; DATA keeps what was done.
DATA ?= data/demo
ADDR ?= 127.0.0.1:8080
FIM ?= $(wildcard ../shared/data/fim/xdf3/S07000000226_*.xml.gz)
demo: build
	bin/rathaus demo -addr $(ADDR) -data $(DATA) $(foreach f,$(FIM),-fim $(f))

# Everything: installs what is missing, then vet, staticcheck, Go tests on SQLite and PostgreSQL, browser tests.
test:
	tools/test/run.sh

bench: build
	tools/bench/run.sh

# Each fuzz target for a short while.
FUZZTIME ?= 20s
fuzz:
	FUZZTIME=$(FUZZTIME) tools/test/fuzz.sh

clean:
	rm -rf bin data
