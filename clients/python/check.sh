#!/usr/bin/env bash
# Everything that a change to the Python client must pass, from anywhere: the package as it installs, its form and types, the
# generated code, the tests, and the suite that all clients share. Needs Python and a package index, and a server at EMBARGO_TARGET:
#   embargo with --policies clients/conformance/policies -- clients/python/check.sh
# EMBARGO_VENV_DIR names the folder of the virtual environment; .venv beside this file otherwise.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
venv="$(python3 -c 'import os, sys; print(os.path.abspath(sys.argv[1]))' "${EMBARGO_VENV_DIR:-$here/.venv}")"
cd "$here"

outcome() { [ $? -eq 0 ] || echo 'clients/python: failed' >&2; }
trap outcome EXIT

# Only what this file installs counts.
unset PYTHONPATH PYTHONHOME
python="$venv/bin/python"
[ -x "$python" ] || python3 -m venv "$venv"

"$python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt '.[test]'
# What was installed before under the same version would stay otherwise.
"$python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .

"$python" -m ruff format --quiet --check .
"$python" -m ruff check --quiet .
"$python" -m mypy
# What others see of the installed package has types, too.
(cd / && "$python" -m mypy --strict --cache-dir=/dev/null -c 'from embargo_client import Client, v1; from embargo_client.aio import Gate
decision: v1.Decision = Client("http://127.0.0.1:1").decide_host(v1.DecideHostRequest())')
"$python" generate.py --check
"$python" -m pytest
"$python" tests/conformance.py
echo 'clients/python: all checks passed'
