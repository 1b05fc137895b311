"""How soon does a phone show the page, and what does Lighthouse say? A demo of 90 days, served as people serve it.

    python -m bench.page [--runs 5] [--days 90] [--no-lighthouse]

The phone: 412 px, 1.6 Mbit/s, 150 ms a round trip, a quarter of this machine's speed (`speed.test.ts`). Lighthouse is
installed below `.cache` where it is not there yet; without a registry it is left out, and that is said.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tests.servers.chromium import SCRIPTS
from tests.servers.process import Process, free_port, listens, program
from tools.node import node_command, node_environment

ROOT = Path(__file__).parents[1]
LIGHTHOUSE = "13.5.0"
FOLDER = ROOT / ".cache" / f"lighthouse-{LIGHTHOUSE}"
VIEWS = ("?z=60m", "?z=24h", "?z=90d", "history", "wall")
_FLAGS = "--headless=new --no-sandbox --disable-gpu"
_METRICS = (
    "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index",
)  # fmt: skip


@contextmanager
def demo(days: int) -> Iterator[str]:
    """The address of a demo with that much past."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        command = [str(Path(sys.executable).parent / "signalbox"), "demo", "--days", str(days)]
        with Process([*command, "--data", str(folder / "data"), "--port", str(port)], folder, "demo") as process:
            process.start(lambda: listens(port))
            yield f"http://127.0.0.1:{port}/"


def browser() -> str:
    """The browser that the tests use."""
    return program("chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def sizes(address: str) -> None:
    """Print what the page's HTML weighs over the line."""
    for zoom in ("60m", "24h", "90d"):
        asked = Request(f"{address}?z={zoom}", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
        with urlopen(asked, timeout=30) as answer:
            print(f"html with data, {zoom}   {len(answer.read()) / 1e3:.1f} kB gzip")


def paint(address: str, runs: int) -> None:
    """Print when the largest paint came and how much moved, of each view."""
    ended = subprocess.run(
        node_command("node", "--test", "--test-reporter=spec", str(SCRIPTS / "speed.test.ts")),
        env={**node_environment(), "BASE_URL": address, "CHROMIUM": browser(), "RUNS": str(runs),
             "PATHS": " ".join(VIEWS)},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    for line in ended.stdout.split("failing tests:")[0].splitlines():
        if line.startswith(("✔", "✖")) or "LCP" in line:
            print(line)


def lighthouse() -> Path | None:
    """Its command; None where it cannot be had."""
    command = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not command.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text("{}", encoding="utf-8")
        install = ["install", "--no-save", "--no-progress", "--loglevel=error", f"lighthouse@{LIGHTHOUSE}"]
        subprocess.run(node_command("npm", *install), cwd=FOLDER, env=node_environment(), check=False, timeout=300)
    return command if command.exists() else None


def scores(command: Path, address: str, path: str) -> None:
    """Print what Lighthouse says of one view, on its mobile settings."""
    ended = subprocess.run(
        node_command(
            "node", str(command), address + path, "--quiet", f"--chrome-flags={_FLAGS}", "--output=json",
            "--only-categories=performance,accessibility,best-practices,seo",
        ),
        env={**node_environment(), "CHROME_PATH": browser()},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        print(f"Lighthouse failed on {path or 'the page'}: {ended.stderr.strip()[-300:]}")
        return
    said = json.loads(ended.stdout)
    points = " / ".join(f"{100 * one['score']:.0f}" for one in said["categories"].values())
    shown = "   ".join(f"{said['audits'][name]['title']} {said['audits'][name]['displayValue']}" for name in _METRICS)
    print(f"Lighthouse {LIGHTHOUSE} mobile, {path or 'the page'}: {points}   {shown}", flush=True)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--lighthouse", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with demo(options.days) as address:
        sizes(address)
        paint(address, options.runs)
        if not options.lighthouse:
            return
        command = lighthouse()
        if command is None:
            print("Lighthouse is not to be had here")
            return
        for path in ("", "history"):
            scores(command, address, path)


if __name__ == "__main__":
    main()
