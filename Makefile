# Two commands for everybody: `make run` and `make test`. What a bare Debian or Ubuntu lacks is installed; elsewhere it is named.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# The target folder stays outside the checkout, so that a fresh clone builds quickly on a machine that has built before.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/borealis/target
BOREALIS := $(CARGO_TARGET_DIR)/release/borealis
# The cluster API with clusters that are names only.
CONTROL_PLANE := $(CARGO_TARGET_DIR)/release/examples/control_plane

.PHONY: run test check unit e2e differential differential-record bench bench-conflicts soak soak-history soak-properties deps deps-test build

run: deps  ## Build and start a persistent cluster on 127.0.0.1:5432
	cargo build --release --locked --package borealis-cli
	$(BOREALIS) serve $(ARGS)

test: check unit e2e  ## Formatting, lints, layers, tests, docs, and the story end to end

check: deps
	cargo fmt --all --check
	cargo xtask layers
	cargo xtask tidy
	cargo xtask compat --check
	cargo xtask guide --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

unit: deps
	cargo test --workspace --locked --quiet

e2e: deps-test build
	tests/e2e/run.sh $(BOREALIS) $(CONTROL_PLANE)
	python3 tests/e2e/databases.py cargo test --workspace --locked --quiet --test it -- --ignored postgresql
	$(CARGO_TARGET_DIR)/release/borealis-conformance samples --serve $(BOREALIS) --python $(or $(BOREALIS_VENV),$(HOME)/.cache/borealis/e2e-venv)/bin/python
	$(CARGO_TARGET_DIR)/release/borealis-conformance run --hold-inferred --serve $(BOREALIS)
	$(CARGO_TARGET_DIR)/release/borealis-conformance run --hold-inferred --serve $(BOREALIS) --dialect 2026-02
	$(CARGO_TARGET_DIR)/release/borealis-conformance differential --serve $(BOREALIS)
	$(CARGO_TARGET_DIR)/release/borealis-conformance history --serve $(BOREALIS) --seed 1 --transactions 1500 --kills 1

differential: build  ## The recorded answers against a live PostgreSQL 16 from npm, then against Borealis
	scripts/postgres16.sh $(CARGO_TARGET_DIR)/release/borealis-conformance differential --oracle --endpoint {} --user postgres --plaintext-loopback
	$(CARGO_TARGET_DIR)/release/borealis-conformance differential --serve $(BOREALIS)

differential-record: build  ## PostgreSQL 16's answers anew, for corpora that have changed
	scripts/postgres16.sh $(CARGO_TARGET_DIR)/release/borealis-conformance differential --oracle --record --endpoint {} --user postgres --plaintext-loopback

build: deps
	cargo build --release --locked --package borealis-cli --package borealis-conformance --package borealis-control --bins --example control_plane

bench: deps-test build  ## Against the machine's PostgreSQL 15, in alternating pairs
	scripts/bench.sh $(BOREALIS)
	TMPDIR=$(CARGO_TARGET_DIR) cargo bench --package borealis-storage --bench storage --locked -- commit append

bench-conflicts: deps-test build  ## 200 sessions on one row against PostgreSQL 15, disjoint writers, an index built under writers
	python3 scripts/bench_conflicts.py $(BOREALIS) $(ARGS)

soak: deps  ## Long seeded simulations of the store
	cargo test --release --package borealis-storage --locked -- --ignored --nocapture

soak-history: build  ## Ten runs of random concurrent transactions over the wire, the server killed among them; ARGS="--seed N" replays one
	$(CARGO_TARGET_DIR)/release/borealis-conformance history --serve $(BOREALIS) --runs 10 --transactions 10000 --kills 3 $(ARGS)

# Whoever has property tests. Each seed draws its own cases; `make test` knows one of them (.cargo/config.toml).
WITH_PROPERTIES := auth control convert lint storage
SEEDS ?= 1 2 3 4 5 6 7 8 9 10

soak-properties: deps  ## The property tests with ten other seeds; SEEDS=N replays one
	for seed in $(SEEDS); do \
		PROPTEST_RNG_SEED=$$seed cargo test --release $(WITH_PROPERTIES:%=--package borealis-%) --locked --quiet; \
	done

deps:
	scripts/deps.sh build

deps-test:
	scripts/deps.sh test
