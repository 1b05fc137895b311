"""Which files follow from the code? Writes them; with `--check` tells which are stale and writes nothing.

The TypeScript types follow in turn from `web/openapi.json`; `make generate` runs that step after this one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from signalbox.api.app import openapi
from signalbox.manifest.schema import json_schema
from tools import reference

ROOT = Path(__file__).parents[1]


def products() -> dict[str, str]:
    """Path in the repository → what it has to hold."""
    schema = json_schema()
    return {
        "web/openapi.json": _json(openapi()),
        "docs/reference/manifest.schema.json": _json(schema),
        "docs/reference/manifest.md": reference.manifest_page(schema),
        "docs/reference/checks.md": reference.checks_page(schema),
        "docs/reference/settings.md": reference.settings_page(),
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def stale() -> dict[str, str]:
    """Those products whose file holds something else, or is not there."""
    return {
        name: text
        for name, text in products().items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    }


def main() -> int:
    """Write what is stale. With `--check` only name it, and exit 1 when there is any."""
    check = "--check" in sys.argv[1:]
    for name, text in stale().items():
        print(f"{name} is stale: run  make generate" if check else f"wrote {name}")
        if not check:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
    return 1 if check and stale() else 0


if __name__ == "__main__":
    sys.exit(main())
