#!/usr/bin/env bash
# Borealis against the machine's PostgreSQL, on the same disk, in one run: alternating pairs, medians printed.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 scripts/bench.py "$@"
