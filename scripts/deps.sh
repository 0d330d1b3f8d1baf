#!/usr/bin/env bash
# Installs what building (build) or testing (test) needs and the machine lacks; where it cannot, says what to install.
set -euo pipefail

what=${1:?usage: deps.sh build|test}
packages=()

need() { # command or file, Debian package
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages+=("$2")
}

have_libclang() {
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null && compgen -G '/usr/lib/llvm-*/lib/clang/*/include/stdbool.h' >/dev/null ||
        compgen -G '/usr/lib/*/libclang*.so*' >/dev/null && compgen -G '/usr/lib/clang/*/include/stdbool.h' >/dev/null ||
        [ "$(uname)" = Darwin ]
}

command -v cargo >/dev/null 2>&1 || { echo "Install Rust first: https://rustup.rs" >&2; exit 1; }
need cc gcc
have_libclang || packages+=(libclang-dev)
if [ "$what" = test ]; then
    need psql postgresql-client
    need pgbench postgresql-contrib
    need mariadb-install-db mariadb-server
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || packages+=(postgresql)
    need openssl openssl
    need python3 python3
    python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
fi
[ ${#packages[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install: ${packages[*]} (names as in Debian)" >&2
    exit 1
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "${packages[@]}" >/dev/null
