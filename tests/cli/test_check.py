"""Does `signalbox check` say how things are, to people and to scripts?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from signalbox.cli.check import check
from tests.servers.hostile import Server, answering

app = typer.Typer()
app.command()(check)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_up_is_exit_0_with_status_and_phases() -> None:
    with Server(answering()) as server:
        result = CliRunner().invoke(app, [server.url("/?token=s3cret")])
    assert result.exit_code == 0, result.output
    assert "✓ up" in result.output
    assert "200" in result.output
    assert "s3cret" not in result.output


def test_any_down_is_exit_1_with_its_reason() -> None:
    with Server(answering()) as good, Server(answering(b"503 Service Unavailable")) as bad:
        result = CliRunner().invoke(app, [good.url(), bad.url()], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert "✕ down" in result.output
    assert "status: the server answered 503 Service Unavailable" in result.output


def test_json_is_one_document_for_scripts() -> None:
    with Server(answering(b"404 Not Found")) as server:
        result = CliRunner().invoke(app, ["--json", server.url().replace("://", "://me:s3cret@")])
    assert result.exit_code == 1
    (document,) = json.loads(result.stdout)
    assert document["url"] == server.url()
    assert (document["verdict"], document["reason"], document["http_status"]) == ("down", "status", 404)
    assert document["available"] is False
    assert document["phases_ms"]["tls"] is None
    assert document["phases_ms"]["total"] >= document["phases_ms"]["connect"] >= 0
    assert document["certificate_expires"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["example.com"], "URL 1: write a URL that starts with http:// or https://"),
        (["http://a.test/", "http://me:s3cret@:80/"], "URL 2: the URL names no host"),
        (["http://a.test/", "--timeout", "soon"], "--timeout: write a duration such as 30s"),
        (["http://a.test/", "--timeout", "0s"], "--timeout: write more than 0s"),
        (["http://a.test/", "--method", "BR EW"], "--method: write a method in capital letters"),
        (["ftp://a.test/"], "URL 1: nothing is asked by ftp"),
        (["dns://a.test"], "URL 1: write dns:///a.test for that name"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_write(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert "s3cret" not in result.output


def test_a_wrong_guard_is_exit_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_GUARD", "everything")
    result = CliRunner().invoke(app, ["http://a.test/"])
    assert result.exit_code == 2
    assert "public-only" in result.output
