"""`python -m signalbox` is the `signalbox` command."""

from __future__ import annotations

from signalbox.cli import main

main()
