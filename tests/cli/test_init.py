"""`signalbox init`, `validate` and `schema`: a start that works, and answers with the right exit code."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
import typer
import yaml
from dotenv import dotenv_values
from jsonschema_rs import Draft202012Validator
from typer.testing import CliRunner

from signalbox.cli.init import init
from signalbox.cli.schema import schema
from signalbox.cli.validate import validate
from signalbox.db.vault import KEY_FILE
from signalbox.errors import ConfigurationError
from signalbox.manifest.document import load
from signalbox.settings import Settings

app = typer.Typer()
for command in (init, validate, schema):
    app.command()(command)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, ConfigurationError):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_written_manifest_is_right(folder: Path) -> None:
    assert _run("init")[0] == 0
    manifest = load(folder / "signalbox.yaml", {})
    assert [monitor.name for monitor in manifest.monitors] == ["questdb.io", "Example"]
    assert _run("validate") == (0, "signalbox.yaml: ok, 2 monitors, 1 group, 1 page\n", "")


def test_the_commented_example_in_the_manifest_is_right_too(folder: Path) -> None:
    _run("init")
    text = (folder / "signalbox.yaml").read_text()
    start = text.index("  # - id: api")
    (folder / "signalbox.yaml").write_text(text[:start] + re.sub(r"(?m)^  # ", "  ", text[start:]))
    api = load(folder / "signalbox.yaml", {"API_TOKEN": "x"}).monitors[-1]
    assert (api.id, api.name, api.was) == ("api", "Public API", "old-api")


def test_the_written_settings_are_read_and_kept_from_others(folder: Path) -> None:
    _run("init", "--servers")
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    passwords = dotenv_values(".env")
    settings = Settings()
    assert settings.secret_key is not None
    assert settings.broker_url is not None
    assert settings.secret_key.get_secret_value() == passwords["SIGNALBOX_SECRET_KEY"]
    assert (
        settings.signal_store_url == f"questdb://signalbox:{passwords['QUESTDB_PASSWORD']}@127.0.0.1:9000?pgwire=8812"
    )
    assert settings.broker_url.get_secret_value() == f"redis://:{passwords['REDIS_PASSWORD']}@127.0.0.1:6379/0"
    assert settings.state_url == "sqlite:///data/state.db"
    names = ("SIGNALBOX_SECRET_KEY", "QUESTDB_PASSWORD", "REDIS_PASSWORD", "POSTGRES_PASSWORD")
    secrets = [passwords[name] or "" for name in names]
    assert len(set(secrets)) == 4
    assert min(map(len, secrets)) >= 32


def test_without_servers_the_settings_need_none(folder: Path) -> None:
    _run("init", "--no-servers")
    settings = Settings()
    assert settings.signal_store_url == "sqlite:///data/signals.db"
    assert settings.broker_url is None


def test_every_line_that_is_a_comment_may_be_switched_on(folder: Path) -> None:
    _run("init", "--no-servers")
    env = folder / ".env"
    env.write_text("\n".join(line.removeprefix("# ") if "=" in line else line for line in env.read_text().splitlines()))
    known = {f"SIGNALBOX_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in dotenv_values(".env") if name.startswith("SIGNALBOX_")} <= known
    assert Settings().log_format == "json"


def test_files_that_are_there_stay_unless_forced(folder: Path) -> None:
    _run("init")
    before = (folder / ".env").read_text()
    (folder / "signalbox.yaml").write_text("- https://mine.example.com\n")
    with pytest.raises(ConfigurationError, match="--force"):
        _run("init")
    (folder / ".env").unlink()
    assert "left signalbox.yaml as it is" in _run("init")[1]
    assert (folder / "signalbox.yaml").read_text() == "- https://mine.example.com\n"
    assert (folder / ".env").read_text() != before


def test_force_keeps_passwords_that_are_in_use(folder: Path) -> None:
    _run("init", "--servers")
    before = (folder / ".env").read_text()
    _run("init", "--force", "--no-servers")
    assert (folder / ".env").read_text() != before
    _run("init", "--force", "--servers")
    assert (folder / ".env").read_text() == before


def test_a_key_that_an_earlier_start_made_is_taken_over(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / KEY_FILE).write_text("made by an earlier start\n")
    _run("init")
    assert dotenv_values(".env")["SIGNALBOX_SECRET_KEY"] == "made by an earlier start"


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        _run("init", "file/below")


def test_validate_says_what_is_wrong_and_exits_with_2(folder: Path) -> None:
    (folder / "other.yaml").write_text("- https://a.example.com\n- name: B\n  url: https://b.example.com\n  evry: 1s\n")
    assert _run("validate", "other.yaml") == (
        2, "", 'other.yaml:4: monitors[1].evry: unknown key; did you mean "every"?\n',
    )  # fmt: skip
    assert _run("validate")[0] == 2


def test_schema_prints_a_schema_that_the_written_manifest_follows(folder: Path) -> None:
    code, out, _ = _run("schema")
    assert code == 0
    _run("init")
    Draft202012Validator(json.loads(out)).validate(yaml.safe_load((folder / "signalbox.yaml").read_text()))
