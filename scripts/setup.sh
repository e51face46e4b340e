#!/bin/sh
# Makes .venv with hash-checked packages and Segue itself. Usage: scripts/setup.sh run|dev
# Needs Python 3.11 with pip and venv; on Debian and Ubuntu they are installed when missing and
# this runs as root or sudo asks nothing, otherwise the command to run is printed.
set -eu
kind=${1:-run}
requirements="requirements/$kind.txt"
stamp=".venv/.installed-$kind"
fingerprint=$(cat "$requirements" pyproject.toml | cksum)

[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$fingerprint" ] && exit 0

find_python() {
    for name in python3.11 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

install_debian() {
    echo "Installing $* with apt-get ..."
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
    else
        echo "Please run: sudo apt-get install $*" >&2
        exit 1
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    echo "Segue needs Python 3.11 and finds none. On Debian 12: apt-get install python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    install_debian python3.11-venv
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing packages from $requirements ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r "$requirements"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation -e .
echo "$fingerprint" >"$stamp"
