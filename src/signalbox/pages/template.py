"""Where is the built web page, and which of its inline scripts may run?"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from signalbox.errors import ConfigurationError

SITE = Path(__file__).parent / "site"
"""Where `make web` puts the build; part of the wheel."""

_SHEET = "views.css"
_MARKERS = ("%BASE%", "<!--head-->", "<!--snapshot-->", "<!--page-data-->")
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_NOT_RUN = re.compile(r"""\bsrc\s*=|type\s*=\s*["']?application/json""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Template:
    """The built page with markers where the server writes, and the Content-Security-Policy it is served under."""

    html: str
    policy: str
    sheet: str | None = None  # address of the views' style sheet, from the site's root


def load(folder: Path = SITE) -> Template | None:
    """The template of a build; None where nothing was built. A build without its markers is refused."""
    try:
        html = (folder / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    missing = [marker for marker in _MARKERS if marker not in html]
    if missing:
        raise ConfigurationError(
            f"{folder / 'index.html'} lacks {', '.join(missing)}: it is no build of this version; run make web"
        )
    return Template(html, policy(html), _sheet(folder / _SHEET))


def _sheet(path: Path) -> str | None:
    """Its address changes with what it says, so that nobody keeps an old one."""
    try:
        return f"{_SHEET}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    except FileNotFoundError:
        return None


def policy(html: str) -> str:
    """A policy that lets exactly the inline scripts of this HTML run, named by their hashes (CSP Level 3)."""
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
        for attributes, body in _SCRIPT.findall(html)
        if not _NOT_RUN.search(attributes)
    )
    return (
        f"default-src 'none'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
