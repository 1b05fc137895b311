"""How do page and terminal look in the README? `make screenshots` draws them anew from a real run: targets on this
machine, `signalbox check` and `signalbox up` on a terminal, a browser on the page.

The hour before the run is asked in a minute: real checks of the same targets, each kept under an earlier slot.
"""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from string import Template

import trustme
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from signalbox import clock
from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.installation import opened
from signalbox.manifest import document
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.pipeline import answer, seen
from signalbox.settings import Settings
from signalbox.stores.base import Store
from tests.servers.chromium import SCRIPTS
from tests.servers.process import await_condition, free_port, listens, program
from tools.node import node_command, node_environment

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS, LINES = 112, 40
PORT = 8000

_MANIFEST = Template("""\
pages:
  - slug: main
    title: Example status
monitors:
  - {name: Website, url: 'https://localhost:$tls/'}
  - {name: API, group: Backend, url: 'http://localhost:$plain/api'}
  - {name: Search, group: Backend, url: 'http://localhost:$plain/search'}
  - {name: Reports, group: Backend, url: 'http://localhost:$plain/reports'}
  - {name: Archive, url: 'http://localhost:$plain/archive'}
""")

_THEME = TerminalTheme(
    (13, 17, 22), (232, 235, 239),
    [(13, 17, 22), (245, 90, 100), (58, 186, 106), (250, 203, 57), (84, 139, 240), (197, 134, 230), (70, 190, 200),
     (232, 235, 239)],
    [(128, 134, 142), (254, 138, 136), (112, 224, 147), (250, 216, 111), (146, 193, 253), (220, 170, 245),
     (120, 220, 228), (255, 255, 255)],
)  # fmt: skip

_TERMINAL = Template("""<!doctype html><meta charset="utf-8"><style>
html, body { margin: 0; background: #0d1116; color: #e8ebef }
pre { margin: 24px 28px; font: 14px/18px "DejaVu Sans Mono", monospace }
</style><pre>$code</pre>""")


class Targets:
    """Some services as they are: a website, an API that failed for a while, a search that is down, slow reports."""

    def __init__(self) -> None:
        self.ago = 0  # minutes before now that are told at the moment

    def answer(self, path: str) -> tuple[int, float]:
        """Status of a path, and the seconds that it takes."""
        if path == "/api":
            return (502 if 31 <= self.ago <= 34 else 200), 0.015 + 0.09 * (25 <= self.ago <= 36)
        if path == "/search":
            return (503 if self.ago <= 6 or self.ago == 48 else 200), 0.06 + 0.02 * (self.ago % 5)
        if path == "/reports":
            return 200, 0.42 + 0.35 * (self.ago % 7 == 3)
        return 200, 0.01

    @contextmanager
    def listening(self, certificate: ssl.SSLContext | None = None) -> Iterator[int]:
        """The port they listen on."""
        targets = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                status, seconds = targets.answer(self.path)
                time.sleep(seconds)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        with ThreadingHTTPServer(("localhost", 0), Handler) as server:
            if certificate:
                server.socket = certificate.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield int(server.server_address[1])
            server.shutdown()


@contextmanager
def secured(folder: Path) -> Iterator[ssl.SSLContext]:
    """A certificate for localhost; the authority that vouches for it is in the folder."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    yield context


def tell(folder: Path, targets: Targets) -> None:
    """Ask everything for each minute of the past hour, and keep what is seen."""
    settings = Settings(config=folder / "signalbox.yaml", data=folder / "data")
    with opened(settings, document.load(settings.config), follow=False) as installation:
        roster = Roster(installation.database)
        roster.refresh()
        with Probe(Guard.from_setting(settings.guard), folder / "ca.pem") as probe:
            asyncio.run(_hour(list(roster.by_key.values()), probe, targets, installation.store))


async def _hour(monitors: Sequence[Monitor], probe: Probe, targets: Targets, store: Store) -> None:
    now = clock.now() // clock.MICROS + 45  # when this is told, and what follows has started
    for minute in range(59, 0, -1):
        targets.ago = minute
        outcomes = await asyncio.gather(*(answer(monitor, probe) for monitor in monitors))
        slot = (now - minute * 60) * clock.MICROS
        signals = [seen(monitor, "local", slot, outcome) for monitor, outcome in zip(monitors, outcomes, strict=True)]
        await asyncio.to_thread(store.append, signals)
    targets.ago = 0


class Terminal:
    """A real terminal with a shell in a folder, and nothing of this machine on it."""

    def __init__(self, folder: Path) -> None:
        self._tmux = [program("tmux"), "-L", folder.name, "-f", "/dev/null"]
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        shell = f"env -i PATH={path} TERM=tmux-256color LANG=C.UTF-8 SIGNALBOX_CA_FILE=ca.pem PS1='$ ' bash --norc"
        self._run("new-session", "-d", "-x", f"{COLUMNS}", "-y", f"{LINES}", "-c", str(folder), shell)

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        self._run("send-keys", "-l", line)
        self._run("send-keys", "Enter")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._run("send-keys", "C-c")

    def screen(self) -> str:
        """What stands on it, with its colours."""
        return self._run("capture-pane", "-p", "-e").rstrip()

    def close(self) -> None:
        """End the shell and what runs in it."""
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True)
        return done.stdout


def draw_terminal(screen: str, file: Path) -> None:
    """A picture of a screen."""
    console = Console(record=True, width=COLUMNS, file=StringIO())
    lines = screen.splitlines()
    for line in lines:
        console.print(Text.from_ansi(line), no_wrap=True, crop=True)
    code = console.export_html(theme=_THEME, inline_styles=True, code_format="{code}")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "terminal.html")
        page.write_text(_TERMINAL.substitute(code=code), encoding="utf-8")
        subprocess.run(
            [
                program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                f"--user-data-dir={folder}/profile", "--force-device-scale-factor=1.5",
                f"--window-size={round(COLUMNS * 8.43) + 56},{len(lines) * 18 + 48}", f"--screenshot={file}",
                page.as_uri(),
            ],
            capture_output=True, check=True,
        )  # fmt: skip


def draw_page(address: str, folder: Path) -> None:
    """Pictures of the page: light, dark, and on a phone."""
    with tempfile.TemporaryDirectory() as drawn:
        subprocess.run(
            node_command("node", str(SCRIPTS / "screenshots.ts"), address, f"{drawn}/page"),
            env={**node_environment(), "CHROMIUM": program("chromium")},
            check=True,
        )
        for look in ("light", "dark", "phone"):
            shutil.copy(Path(drawn, f"page-{look}.png"), folder)


def main() -> None:
    """Write the four pictures."""
    targets = Targets()
    port = free_port() if listens(PORT) else PORT
    with tempfile.TemporaryDirectory(prefix="signalbox-pictures-") as name:
        folder = Path(name)
        with secured(folder) as certificate, targets.listening() as plain, targets.listening(certificate) as tls:
            manifest = _MANIFEST.substitute(plain=plain, tls=tls)
            (folder / "signalbox.yaml").write_text(manifest, encoding="utf-8")
            tell(folder, targets)
            _run(
                folder,
                port,
                f"https://localhost:{tls}/ http://localhost:{plain}/reports http://localhost:{plain}/search",
            )


def _run(folder: Path, port: int, urls: str) -> None:
    terminal = Terminal(folder)
    try:
        await_condition(lambda: terminal.screen() == "$", "the shell")
        terminal.type(f"signalbox check {urls}")
        await_condition(lambda: terminal.screen().endswith("$"), "the end of the check")
        terminal.type("signalbox up" if port == PORT else f"signalbox up --port {port}")
        await_condition(lambda: "checks start" in terminal.screen(), "the first signals")
        time.sleep(60)  # a minute of its own at the end of each bar
        FOLDER.mkdir(exist_ok=True)
        draw_page(f"http://127.0.0.1:{port}/", FOLDER)
        draw_terminal(terminal.screen(), FOLDER / "terminal.png")
        terminal.interrupt()
        await_condition(lambda: terminal.screen().endswith("$"), "the end")
    finally:
        terminal.close()


if __name__ == "__main__":
    main()
