#!/bin/sh
# Which Python shall the virtual environment be made with? Prints its path: the newest of 3.13, 3.12 and 3.11 that can
# make one, else any newer one. SIGNALBOX_PYTHON names another. Explains and fails when there is none.
set -u

fits() { # does "$1" run, is it new enough, and can it make virtual environments with pip?
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${SIGNALBOX_PYTHON:-}" ]; then
    fits "$SIGNALBOX_PYTHON" && { command -v "$SIGNALBOX_PYTHON"; exit 0; }
    echo "SIGNALBOX_PYTHON names $SIGNALBOX_PYTHON, which is not a Python 3.11 or newer with venv and ensurepip." >&2
    exit 1
fi

pick() {
    for name in python3.13 python3.12 python3.11 python3 python; do
        fits "$name" && { command -v "$name"; return 0; }
        # A version manager's stand-in on PATH may refuse to run while the system's own python works.
        fits "/usr/bin/$name" && { echo "/usr/bin/$name"; return 0; }
    done
    return 1
}

pick && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing python3 and python3-venv with apt-get." >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3 python3-venv; } >&2
    pick && exit 0
fi
echo "Signalbox needs Python 3.11 or newer, with its venv and ensurepip modules, and found none." >&2
echo "On Debian and Ubuntu:  apt-get install python3 python3-venv     On macOS:  brew install python@3.13" >&2
echo "One in an unusual place:  make SIGNALBOX_PYTHON=<path of it> …" >&2
exit 1
