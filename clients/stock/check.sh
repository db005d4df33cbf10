#!/usr/bin/env bash
# Asks a server through OPA's own clients, as they come from their registries. Needs python3, node and
# npm. EMBARGO_TARGET is HOST:PORT of a server of the policies in clients/conformance/policies; run it
# as `embargo with --policies clients/conformance/policies -- clients/stock/check.sh`.
set -euo pipefail
cd "$(dirname "$0")"

if [ -z "${EMBARGO_TARGET:-}" ]; then
    echo 'clients/stock/check.sh: EMBARGO_TARGET is not set' >&2
    echo '  hint: embargo with --policies clients/conformance/policies -- clients/stock/check.sh' >&2
    exit 2
fi
export NO_PROXY='*' no_proxy='*'

# Installs into a folder unless what is wanted has not changed since.
fresh() { # folder, what is wanted
    [ -f "$1/.wanted" ] && cmp -s "$1/.wanted" "$2"
}

if ! fresh python/.venv python/requirements.txt; then
    rm -rf python/.venv
    python3 -m venv python/.venv
    python/.venv/bin/pip install --quiet --disable-pip-version-check --requirement python/requirements.txt
    cp python/requirements.txt python/.venv/.wanted
fi
if ! fresh node/node_modules node/package-lock.json; then
    (cd node && npm ci --no-audit --no-fund --silent)
    cp node/package-lock.json node/node_modules/.wanted
fi

python=$(python/.venv/bin/python python/check.py)
node=$(node node/check.mjs)
echo "stock clients: $python; $node"
