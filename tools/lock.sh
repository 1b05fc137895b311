#!/bin/sh
# Resolves pyproject.toml into the locks of requirements/ with the uv at $1; further arguments go to uv (--upgrade).
# Each lock holds for Python 3.11 and newer on every platform, and names hashes but no place to download from.
#   dev.txt    everything: extras, tests, tools          base.txt   what `pip install signalbox-status` brings
#   all.txt    the product with all extras (container)   build.txt  what builds the web page and the wheel
set -eu
cd "$(dirname "$0")/.."
uv=$1
shift

compile() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        "$@" --output-file "requirements/$out.txt" >/dev/null
}

compile dev pyproject.toml --all-extras --group dev "$@"
compile base pyproject.toml --constraint requirements/dev.txt
compile all pyproject.toml --all-extras --constraint requirements/dev.txt
compile build --group build --constraint requirements/dev.txt
