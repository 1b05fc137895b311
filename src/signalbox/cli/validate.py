"""`signalbox validate`: is a manifest right, without starting anything?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signalbox.errors import ConfigurationError
from signalbox.manifest.document import Manifest, load
from signalbox.settings import load as load_settings


def validate(
    file: Annotated[Path | None, typer.Argument(help="The manifest; the setting CONFIG if left out.")] = None,
) -> None:
    """Read a manifest and say what is wrong with it, line by line. Exit code 2 if anything is."""
    try:
        path = file or load_settings().config
        typer.echo(f"{path}: ok, {_counts(load(path))}")
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _counts(manifest: Manifest) -> str:
    groups = len({monitor.group for monitor in manifest.monitors if monitor.group})
    counts = [(len(manifest.monitors), "monitor"), (groups, "group"), (len(manifest.pages), "page")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
