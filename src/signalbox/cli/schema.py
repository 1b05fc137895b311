"""`signalbox schema`: the manifest's JSON Schema, for editors."""

from __future__ import annotations

import json

import typer

from signalbox.manifest.schema import json_schema


def schema() -> None:
    """Print the manifest's JSON Schema.

    Save it, and name it in the manifest's first line: # yaml-language-server: $schema=signalbox.schema.json
    """
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
