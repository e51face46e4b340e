#!/bin/sh
# The first run: a demo library when no music is given, then the server. See `make run`.
set -eu
segue=".venv/bin/segue"
data=${DATA:-data}
port=${PORT:-8000}
if [ -n "${MUSIC:-}" ]; then
    if [ ! -d "$MUSIC" ]; then
        echo "MUSIC=$MUSIC is not a folder" >&2
        exit 1
    fi
    exec "$segue" --data-dir "$data" serve --port "$port" --music "$MUSIC"
fi
if [ ! -f "$data/demo-password" ]; then
    echo "No music given (make run MUSIC=/path), so a demo library is composed: about a minute."
    mkdir -p "$data"
    password=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(9))')
    "$segue" --data-dir "$data" demo --password "$password"
    (umask 077 && echo "$password" >"$data/demo-password")
fi
echo
echo "Sign in as demo with the password $(cat "$data/demo-password")"
exec "$segue" --data-dir "$data" serve --port "$port" --sign-up open
