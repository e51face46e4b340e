#!/bin/sh
# Makes the hash-pinned requirement files anew. Needs uv. Run from the repository root.
set -eu
common="--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11"
# shellcheck disable=SC2086
uv pip compile pyproject.toml --extra build $common -q -o requirements/run.txt "$@"
# shellcheck disable=SC2086
uv pip compile pyproject.toml --extra build --extra test --extra check --extra neural --extra embeddings \
    --extra transformer --extra qdrant --extra tables --extra mongo --extra fetch $common -q -o requirements/dev.txt -c requirements/run.txt "$@"
# shellcheck disable=SC2086
uv pip compile requirements/peers.in $common -q -o requirements/peers.txt "$@"
