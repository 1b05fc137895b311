"""Does what people install work where there is neither this repository nor Node?"""

from __future__ import annotations

import json
import sys
import tarfile
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.packaging.shell import ROOT, run
from tests.servers.process import Process, await_condition, free_port

PAGE = "signalbox/pages/site/index.html"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source archive of this tree, and a wheel built from that archive."""
    assert (ROOT / "src" / PAGE).is_file(), "the web page is not built: run  make web"
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT), folder=folder)
    return folder


@pytest.fixture
def target() -> Iterator[str]:
    """A web server on loopback that answers everything with 200; its URL."""

    class Always(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Always)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def read(url: str) -> str:
    """The text at that URL, or nothing while nobody answers there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def files_of(wheel: Path) -> set[str]:
    """What a wheel holds of the package, assets of the page aside (their names change with each build)."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("signalbox/") and "/_nuxt/" not in name}


@pytest.mark.timeout(300)
def test_the_wheel_carries_the_page_and_every_module(dist: Path) -> None:
    inside = files_of(next(dist.glob("*.whl")))
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src/signalbox").rglob("*.py")}
    assert modules <= inside
    assert PAGE in inside
    assert "signalbox/py.typed" in inside
    assert not [name for name in inside if "__pycache__" in name]


def test_the_source_archive_carries_the_page_and_the_licence(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"src/{PAGE}", "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"} <= names


@pytest.mark.timeout(300)
def test_the_wheel_watches_and_shows_its_page_without_node(dist: Path, tmp_path: Path, target: str) -> None:
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", str(venv), folder=tmp_path)
    pip = (str(venv / "bin/python"), "-m", "pip", "install", "-q", "--no-compile")
    run(*pip, "--require-hashes", "-r", str(ROOT / "requirements/base.txt"), folder=tmp_path)
    run(*pip, "--no-deps", str(next(dist.glob("*.whl"))), folder=tmp_path)

    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [str(venv / "bin/signalbox"), "up", target, "--data", str(tmp_path / "data"), "--port", str(port)]
    with Process(command, tmp_path, "signalbox", {"PATH": str(venv / "bin")}) as installed:
        installed.start(lambda: read(f"{base}/healthz"))
        await_condition(lambda: json.loads(read(f"{base}/signals") or "[]"), "a first signal")
        (series,) = json.loads(read(f"{base}/signals?limit=60"))
        assert series["url"].startswith(target)
        assert series["records"][0]["available"] is True
        assert series["records"][0]["http_status"] == 200
        await_condition(lambda: "100.00%" in read(f"{base}/"), "the page to show it")
