"""`signalbox prune`: what is stored longer than it should be, and how much room does the rest take?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from signalbox import clock
from signalbox.cli.looks import moment
from signalbox.durations import words
from signalbox.installation import Pruned, Retention, files, opened, refuse_weak_passwords, retention
from signalbox.runner import disk
from signalbox.settings import Settings, load


def prune(
    raw: Annotated[
        str | None, typer.Option(help="Keep signals for so long, such as 30d. Default: SIGNALBOX_RETAIN_RAW.")
    ] = None,
    hourly: Annotated[
        str | None, typer.Option(help="Keep hours for so long, such as 2y. Default: SIGNALBOX_RETAIN_HOURLY.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and drop nothing.")] = False,
) -> None:
    """Drop what is older than the retention, now. Days, spells and incidents are kept for good."""
    kept = retention(load(retain_raw=raw, retain_hourly=hourly))
    console, settings = Console(highlight=False), load()
    if settings.signal_store_url.startswith("questdb:"):
        _tell_of_questdb(console, settings)
    else:
        _drop(console, settings, kept, dry=dry_run)
    _tell_what_remains(console, settings)


def _drop(console: Console, settings: Settings, kept: Retention, *, dry: bool) -> None:
    now = clock.now()
    with opened(settings, follow=False) as installation, console.status("counting …" if dry else "dropping …"):
        gone = installation.prune(now, kept, dry=dry)
    console.print(_rows(kept, gone, now, dry=dry))


def _rows(kept: Retention, gone: Pruned, now: int, *, dry: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("", "kept for", "older than", "would go" if dry else "dropped"):
        table.add_column(heading, justify="right" if heading in {"would go", "dropped"} else "left")
    for what, seconds, rows in (("signals", kept.raw, gone.signals), ("hours", kept.hourly, gone.hours)):
        table.add_row(what, words(seconds), moment(now - round(seconds * clock.MICROS)), f"{rows:,}")
    table.add_row("days, spells, incidents", "for good", "", "", style="bright_black")
    return table


def _tell_of_questdb(console: Console, settings: Settings) -> None:
    from signalbox.stores.questdb.life import time_to_live

    refuse_weak_passwords(settings)
    life = time_to_live(settings.signal_store_url)
    by_itself = f"drops signals by itself after {life}" if life else "keeps signals for good"
    console.print(
        f"QuestDB {by_itself}: that is the table's time to live, and this command leaves it as it is. To change it: "
        "ALTER TABLE signals SET TTL 90 DAYS", soft_wrap=True,
    )  # fmt: skip


def _tell_what_remains(console: Console, settings: Settings) -> None:
    kept = files(settings)
    for what, path in kept.items():
        taken = disk.size(path) + disk.size(path.with_name(f"{path.name}-wal"))
        console.print(f"{what}: {disk.in_words(taken)} in {path}", soft_wrap=True)
    for room in disk.rooms(kept.values()):
        style, warning = ("red", ": nearly full") if room.is_short else ("", "")
        console.print(f"{room}{warning}", style=style, soft_wrap=True)
