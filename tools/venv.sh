#!/bin/sh
# Makes the virtual environment in folder $1 usable: creates it where it is missing or its Python is gone, and installs
# the locks that follow ($2 …) and this project itself. Every file that pip fetches must match a hash of a lock.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
venv=$1
shift

if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
    python=$("$here/tools/python.sh")
    echo "Making $venv with $("$python" --version)."
    "$python" -m venv --clear "$venv"
fi

set -- $(for lock; do printf -- '-r %s ' "$lock"; done)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
echo "Installing what the locks name (the first time takes a minute)."
"$venv/bin/python" -m pip install --quiet --require-hashes "$@"
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable "$here"
