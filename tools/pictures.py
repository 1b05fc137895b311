"""How does it look in the README and the guides? `make screenshots` draws it anew, from `signalbox demo`: a real
run on a terminal, and a browser on its page."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from string import Template
from typing import NamedTuple

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from signalbox.demo import folder as demos
from signalbox.demo.telling import public_id
from signalbox.demo.world import Beginning
from tests.servers.chromium import SCRIPTS
from tests.servers.process import await_condition, free_port, listens, program
from tools.node import node_command, node_environment
from tools.palette import shrink

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS, LINES = 112, 18
PORT = 8000
LARGEST = 150_000  # bytes

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


class Shot(NamedTuple):
    """One picture. `awaits`: what has to be there; `above`: what it begins with, else the page's top; `height`: its
    own, None for all of the page."""

    name: str
    path: str
    look: str = "light"
    awaits: str = "main h1"
    height: int | None = 1_000
    above: str | None = None


_PAGE, _BARS = "#__nuxt .banner h1", ".group"


def shots(beginning: Beginning) -> list[Shot]:
    """All pictures of the page and its views."""
    return [
        Shot("page-light", "/", "light", _PAGE, 1_400),
        Shot("page-dark", "/", "dark", _PAGE, 1_400),
        Shot("page-phone", "/", "phone", _PAGE, 844),
        Shot("page-greyscale", "/?z=90d", "grey", _PAGE, 1_000, _BARS),
        Shot("page-24h", "/?z=24h", "light", _PAGE, 1_000, _BARS),
        Shot("page-90d", "/?z=90d", "light", _PAGE, 1_000, _BARS),
        Shot("incident", f"/incident/{public_id('checkout-down', beginning)}"),
        Shot("history", "/history"),
        Shot("monitor", "/monitor/search"),
        Shot("wall", "/wall", "wall", "main", 720),
    ]


class Terminal:
    """A real terminal with a shell in a folder, and nothing of this machine on it."""

    def __init__(self, folder: Path) -> None:
        self._tmux = [program("tmux"), "-L", folder.name, "-f", "/dev/null"]
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        shell = f"env -i PATH={path} TERM=tmux-256color LANG=C.UTF-8 PS1='$ ' bash --norc"
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


def draw_pages(address: str, wanted: list[Shot], folder: Path) -> list[str]:
    """Draw them. Returns what was missing, a line each."""
    done = subprocess.run(
        node_command("node", str(SCRIPTS / "pictures.ts"), address, str(folder),
                     json.dumps([shot._asdict() for shot in wanted])),
        env={**node_environment(), "CHROMIUM": program("chromium")},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def main() -> None:
    """Write all pictures; exit 1 if a view was missing, or a picture is too large."""
    FOLDER.mkdir(exist_ok=True)
    port = free_port() if listens(PORT) else PORT
    with tempfile.TemporaryDirectory(prefix="signalbox-pictures-") as name:
        wrong = _run(Path(name), port)
    for file in sorted(FOLDER.glob("*.png")):
        shrink(file)
        if file.stat().st_size > LARGEST:
            wrong.append(f"{file.name} has {file.stat().st_size:,} bytes, more than {LARGEST:,}")
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    raise SystemExit(1 if wrong else 0)


def _run(folder: Path, port: int) -> list[str]:
    terminal = Terminal(folder)
    try:
        await_condition(lambda: terminal.screen() == "$", "the shell")
        terminal.type("signalbox demo --data demo" + ("" if port == PORT else f" --port {port}"))
        await_condition(lambda: "checks start" in terminal.screen(), "the first signals", 180)
        beginning = demos.beginning_of(folder / "demo")
        assert beginning is not None
        wrong = draw_pages(f"http://127.0.0.1:{port}/", shots(beginning), FOLDER)
        draw_terminal(terminal.screen().replace(f":{port}/", f":{PORT}/"), FOLDER / "terminal.png")
        terminal.interrupt()
        await_condition(lambda: terminal.screen().endswith("$"), "the end")
    finally:
        terminal.close()
    return wrong


if __name__ == "__main__":
    main()
