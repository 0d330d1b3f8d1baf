#!/usr/bin/env bash
# The story of the README end to end: psql and a real MCP client process against the real binary, with kill -9 in the middle; then the drivers; then
# AWS's own tools against the cluster API, with clusters behind it and with names only; then many clusters; then who gets in, and what is not written down; then what is converted and loaded from other databases, and tables changed under writers while the server dies;
# then the official clients of the Model Context Protocol.
set -euo pipefail
cd "$(dirname "$0")"
binary=$(realpath "${1:?usage: run.sh PATH-TO-BOREALIS PATH-TO-CONTROL-PLANE}")
control_plane=$(realpath "${2:?usage: run.sh PATH-TO-BOREALIS PATH-TO-CONTROL-PLANE}")

venv=${BOREALIS_VENV:-$HOME/.cache/borealis/e2e-venv}
if ! "$venv/bin/python" -c 'import mcp, psycopg, asyncpg, pg8000, sqlalchemy, boto3, awscli' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r requirements.txt
fi
"$venv/bin/python" story.py "$binary"
"$venv/bin/python" drivers.py "$binary"
"$venv/bin/python" control.py "$binary"
"$venv/bin/python" control.py "$control_plane"
"$venv/bin/python" fleet.py "$binary"
"$venv/bin/python" identity.py "$binary"
"$venv/bin/python" unwritten.py "$binary"
"$venv/bin/python" convert.py "$binary"
"$venv/bin/python" sources.py "$binary"
"$venv/bin/python" migrations.py "$binary"

# The official clients of the Model Context Protocol: Python's always, JavaScript's and the inspector where there is a node.
if command -v npm >/dev/null 2>&1; then
    export BOREALIS_NODE_MODULES=${BOREALIS_NODE_MODULES:-$HOME/.cache/borealis/e2e-node/node_modules}
    if ! grep -qs '"version": "2.12.0"' "$BOREALIS_NODE_MODULES/@modelcontextprotocol/inspector/package.json"; then
        folder=$(dirname "$BOREALIS_NODE_MODULES")
        mkdir -p "$folder"
        npm install --silent --prefix "$folder" @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/inspector@2.12.0
    fi
fi
"$venv/bin/python" agents.py "$binary" --figures
"$venv/bin/python" workflows.py "$binary"
"$venv/bin/python" streams.py "$binary"
