"""`signalbox init`: a manifest and settings to start from, with passwords of their own."""

from __future__ import annotations

import importlib.util
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated

import typer
from dotenv import dotenv_values

from signalbox.errors import ConfigurationError
from signalbox.settings import Settings

MANIFEST = """\
# What Signalbox watches and shows. Check it with `signalbox validate`; a running Signalbox follows each change.
# For completion in an editor: `signalbox schema > signalbox.schema.json`, and this line:
# yaml-language-server: $schema=signalbox.schema.json

pages:
  - slug: main                      # the first page is served at /, every page at /SLUG/
    title: Service status
    timezone: UTC                   # an IANA name such as Europe/Budapest; decides where days begin

defaults:
  every: 60s                        # time from one check to the next: 1s, 30s, 5m, 1h30m …
  timeout: 10s                      # a check that takes longer has failed

monitors:
  # A URL alone is asked by HTTP HEAD and named after its host and path.
  - https://questdb.io

  # Anything else is said by name.
  - name: Example
    url: https://example.com        # short for  check: {kind: http, url: https://example.com}
    group: Examples                 # the heading it stands under
    tags: [public]
    every: 5m

  # All that an HTTP check can be told is in the output of `signalbox schema`. Secrets come from the environment or
  # from .env: ${NAME}, or ${NAME:-default}; a dollar sign itself is written $$.
  # - id: api                       # lasting name in URLs and storage; default: made from the name
  #   name: Public API
  #   check:
  #     kind: http
  #     url: https://api.example.com/health
  #     method: GET
  #     headers: {Authorization: "Bearer ${API_TOKEN}"}
  #   failures: 3                   # failures in a row that make an outage; 2 by default, a recheck after 3 s counts
  #   depends_on: [example]         # while that is down, nobody is told of this one
  #   incident: true                # open an incident on the page when it goes down
  #   was: old-api                  # the id it had before: its history comes along

# Who is told. `signalbox notify test ops` tries a channel; without routes every channel hears everything.
# channels:
#   - {id: ops, kind: email, to: [ops@example.com]}           # by the server in SIGNALBOX_SMTP_URL
#   - {id: chat, kind: apprise, url: "${CHAT_URL}"}           # Slack, Telegram, Matrix, ntfy and many more
# routes:
#   - {to: [ops], match: {severities: [down]}, repeat: 1h}    # again every hour until somebody acknowledges

# Work announced beforehand: nobody is told of outages meanwhile.
# maintenance:
#   - {title: Backups, start: "2027-01-03 02:00", for: 1h, rrule: FREQ=WEEKLY, timezone: Europe/Budapest, all: true}
"""

_SETTINGS = Template("""\
# Settings of Signalbox, and passwords of the servers beside it. Keep this file to yourself: it is not for a repository.
# `signalbox …`, the three shells (uvicorn, celery, web) and docker compose all read it from the folder they start in.
# What the environment says wins over this file.

# Seals secrets in the database. Whoever loses it must write them again; to change it: NEW,OLD.
SIGNALBOX_SECRET_KEY=$secret_key

# Passwords that compose.yaml gives to its servers. Without compose, give your own servers the same:
#   redis-server --requirepass …   ·   QuestDB: http.user, http.password, pg.user, pg.password in server.conf
REDIS_PASSWORD=$redis_password
QUESTDB_PASSWORD=$questdb_password
POSTGRES_PASSWORD=$postgres_password

# Where signals are kept. Without this line: SQLite in the data folder.
${mark}SIGNALBOX_SIGNALS_URL=questdb://signalbox:$questdb_password@127.0.0.1:9000?pgwire=8812

# How API, worker and beat find each other. `signalbox up` does without.
${mark}SIGNALBOX_BROKER_URL=redis://:$redis_password@127.0.0.1:6379/0

# Where state is kept: SQLite for one machine, PostgreSQL for several.
SIGNALBOX_DATABASE_URL=sqlite:///data/state.db
# SIGNALBOX_DATABASE_URL=postgresql://signalbox:$postgres_password@127.0.0.1:5432/signalbox

# SIGNALBOX_CONFIG=signalbox.yaml
# SIGNALBOX_DATA=data
# SIGNALBOX_HOST=127.0.0.1
# SIGNALBOX_PORT=8000
# SIGNALBOX_PUBLIC_URL=https://status.example.com
# SIGNALBOX_CORS_ORIGINS=http://localhost:3000
# SIGNALBOX_LOG_FORMAT=json
""")

_SECRETS = {
    "secret_key": "SIGNALBOX_SECRET_KEY",
    "redis_password": "REDIS_PASSWORD",
    "questdb_password": "QUESTDB_PASSWORD",
    "postgres_password": "POSTGRES_PASSWORD",
}


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write.")] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there; passwords in .env stay.")
    ] = False,
    servers: Annotated[
        bool | None,
        typer.Option(
            "--servers/--no-servers",
            help="Use QuestDB and Redis, or SQLite alone. Default: QuestDB and Redis if their libraries are installed.",
        ),
    ] = None,
) -> None:
    """Write a commented signalbox.yaml and .env with passwords of their own. Never replaces a file unasked."""
    uses_servers = _installed("celery", "questdb") if servers is None else servers
    files = {
        folder / "signalbox.yaml": (MANIFEST, 0o644),
        folder / ".env": (settings_text(_kept(folder), uses_servers), 0o600),
    }
    there = [file for file in files if file.exists() and not force]
    if len(there) == len(files):
        raise ConfigurationError(f"{' and '.join(map(str, there))} are there already: --force replaces them")
    for file, (text, mode) in files.items():
        if file in there:
            typer.echo(f"left {file} as it is")
        else:
            _write(file, text, mode)
            typer.echo(f"wrote {file}")
    typer.echo(_next(uses_servers))


def settings_text(kept: Mapping[str, str], servers: bool) -> str:
    """The text of `.env`. Passwords in `kept` stay, others are made; without `servers` their URLs are comments."""
    values = {name: kept.get(variable) or secrets.token_urlsafe(24) for name, variable in _SECRETS.items()}
    return _SETTINGS.substitute(values, mark="" if servers else "# ")


def _kept(folder: Path) -> dict[str, str]:
    """Passwords that are in use already: in an older `.env`, or a key that an earlier start made."""
    kept = {name: value for name, value in dotenv_values(folder / ".env").items() if value}
    key_file = folder / Settings.model_fields["data"].default / "secret.key"
    if key_file.exists():
        kept.setdefault(_SECRETS["secret_key"], key_file.read_text(encoding="ascii").strip())
    return kept


def _write(file: Path, text: str, mode: int) -> None:
    """Write a file with that mode from its first byte on."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def _installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


def _next(servers: bool) -> str:
    if servers:
        return (
            "Signals go to QuestDB and work goes through Redis, both on this machine, with the passwords in .env;\n"
            "`docker compose up -d` starts them and all the rest. To do without servers: `signalbox init --force "
            "--no-servers`, then `signalbox up`."
        )
    return "Now `signalbox up` shows the page. To use QuestDB and Redis: `signalbox init --force --servers`."
