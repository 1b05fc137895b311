"""A manifest that is right: what it says, what it may leave out, what it takes from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalbox.checks.http import HttpCheck
from signalbox.errors import ConfigurationError
from signalbox.manifest.document import MAIN_PAGE, Manifest, from_urls, load
from signalbox.manifest.problems import BadManifest

EXAMPLE = Path(__file__).parents[2] / "signalbox.example.yaml"


def _load(folder: Path, text: str, **environment: str) -> Manifest:
    file = folder / "signalbox.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, environment)


def _ids(manifest: Manifest) -> list[str]:
    return [monitor.id for monitor in manifest.monitors]


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    manifest = _load(
        tmp_path,
        """
        pages:
          - slug: main
            title: QuestDB website status
            timezone: Europe/Budapest
        defaults: {every: 2m, timeout: 5s}
        monitors:
          - https://questdb.io
          - id: api
            name: Public API
            group: Backend
            tags: [public]
            check: {kind: http, url: https://api.example.com/health, method: GET}
            every: 30s
            was: old-api
          - name: Docs
            url: https://docs.example.com
            timeout: 1500ms
        """,
    )
    bare, api, docs = manifest.monitors
    assert (bare.id, bare.name, bare.every, bare.timeout) == ("questdb-io", "questdb.io", 120, 5)
    assert bare.check == HttpCheck(url="https://questdb.io")
    assert (api.id, api.name, api.group, api.tags, api.every, api.was) == (
        "api", "Public API", "Backend", ("public",), 30, "old-api",
    )  # fmt: skip
    assert api.check == HttpCheck(url="https://api.example.com/health", method="GET")
    assert (docs.id, docs.check, docs.timeout) == ("docs", HttpCheck(url="https://docs.example.com"), 1.5)
    assert [(page.slug, page.title, page.timezone) for page in manifest.pages] == [
        ("main", "QuestDB website status", "Europe/Budapest")
    ]


def test_a_plain_list_of_urls_is_a_manifest(tmp_path: Path) -> None:
    manifest = _load(tmp_path, "- https://a.example.com\n- https://b.example.com/docs/\n")
    assert _ids(manifest) == ["a-example-com", "b-example-com-docs"]
    assert manifest.pages == (MAIN_PAGE,)
    assert manifest == from_urls(["https://a.example.com", "https://b.example.com/docs/"])


def test_a_manifest_may_watch_nothing_when_it_says_so(tmp_path: Path) -> None:
    assert _load(tmp_path, "monitors: []").monitors == ()


def test_ids_stay_when_the_order_changes(tmp_path: Path) -> None:
    lines = ["- https://a.example.com\n", "- {name: Ünïcode Näme, url: https://b.example.com}\n", "- http://c:81/x\n"]
    there, back = _load(tmp_path, "".join(lines)), _load(tmp_path, "".join(reversed(lines)))
    assert _ids(there) == ["a-example-com", "unicode-name", "c-81-x"] == list(reversed(_ids(back)))


def test_texts_that_yaml_once_took_for_something_else_stay_texts(tmp_path: Path) -> None:
    manifest = _load(
        tmp_path, "- {name: no, url: https://a.example.com, group: 12:30, tags: [on, 2020-01-01, 0x1f, 1_000]}"
    )
    (monitor,) = manifest.monitors
    assert (monitor.name, monitor.group, monitor.tags) == ("no", "12:30", ("on", "2020-01-01", "0x1f", "1_000"))


def test_numbers_are_seconds(tmp_path: Path) -> None:
    (monitor,) = _load(tmp_path, "- {url: https://a.example.com, every: 90, timeout: 2.5}").monitors
    assert (monitor.every, monitor.timeout) == (90, 2.5)


def test_anchors_and_merges_work(tmp_path: Path) -> None:
    manifest = _load(
        tmp_path,
        """
        x-slow: &slow {every: 5m, group: Slow, tags: [a]}
        x-tagged: &tagged {tags: [b]}
        monitors:
          - {<<: *slow, url: https://a.example.com}
          - {<<: [*tagged, *slow], url: https://b.example.com, group: Mine}
        """,
    )
    assert [(one.every, one.group, one.tags) for one in manifest.monitors] == [
        (300, "Slow", ("a",)), (300, "Mine", ("b",)),
    ]  # fmt: skip


def test_a_mistake_behind_an_anchor_is_told_where_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(BadManifest) as caught:
        _load(
            tmp_path,
            "x-a: &a\n  every: ${SECRET}\nmonitors:\n  - url: https://a.example.com\n    <<: *a\n",
            SECRET="hunter2",
        )
    assert [(p.place and p.place.line, p.key) for p in caught.value.problems] == [(5, "monitors[0].every")]


def test_the_environment_fills_in_values(tmp_path: Path) -> None:
    (monitor,) = _load(
        tmp_path,
        """
        - name: Costs $5, or $$6, or $${HOST}
          check: {kind: http, url: "https://${HOST}/", headers: {Authorization: "Bearer ${TOKEN}"}, follow: "${FOLLOW}"}
          every: ${EVERY:-30s}
          timeout: ${EMPTY:-7}s
        """,
        HOST="api.example.com", TOKEN="a b: #c '\"", EMPTY="", FOLLOW="false",
    ).monitors  # fmt: skip
    assert monitor.name == "Costs $5, or $6, or ${HOST}"
    assert (monitor.every, monitor.timeout) == (30, 7)
    assert monitor.check == HttpCheck(
        url="https://api.example.com/", headers={"Authorization": "Bearer a b: #c '\""}, follow=False
    )


def test_a_name_made_from_a_url_tells_no_secret_and_stays_when_the_secret_changes(tmp_path: Path) -> None:
    text = "- https://${USER}:${TOKEN}@${HOST}:8443/hooks/${TOKEN}?key=${TOKEN}\n"
    one, two = (_load(tmp_path, text, USER="me", TOKEN=token, HOST="example.com") for token in ("hunter2", "other"))
    assert (one.monitors[0].name, one.monitors[0].id) == (
        "example.com:8443/hooks/TOKEN", "example-com-8443-hooks-token",
    )  # fmt: skip
    assert (two.monitors[0].name, two.monitors[0].id) == (one.monitors[0].name, one.monitors[0].id)


def test_a_url_that_is_a_variable_as_a_whole_is_named_after_its_host(tmp_path: Path) -> None:
    manifest = _load(tmp_path, "- ${TARGET}", TARGET="https://example.com/secret/path")
    assert [(one.name, one.id) for one in manifest.monitors] == [("example.com", "example-com")]


def test_dot_env_fills_in_what_the_environment_does_not_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FROM_BOTH", "environment")
    (tmp_path / ".env").write_text("FROM_BOTH=file\nFROM_FILE=file\n")
    (tmp_path / "signalbox.yaml").write_text("- {name: '${FROM_BOTH} ${FROM_FILE}', url: https://a.example.com}")
    assert load(Path("signalbox.yaml")).monitors[0].name == "environment file"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    file.write_bytes(b"\xef\xbb\xbfmonitors:\r\n  - https://a.example.com\r\n")
    assert _ids(load(file, {})) == ["a-example-com"]


def test_the_example_in_the_repository_is_right() -> None:
    assert [monitor.name for monitor in load(EXAMPLE, {}).monitors] == ["questdb.io", "This status page"]


def test_a_manifest_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="signalbox init"):
        load(tmp_path / "signalbox.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


def test_urls_of_a_command_line_are_taken_as_they_are() -> None:
    (monitor,) = from_urls(["https://example.com/?price=${HOST}"]).monitors
    assert monitor.check == HttpCheck(url="https://example.com/?price=${HOST}")


def test_a_wrong_url_on_a_command_line_is_told_by_its_number() -> None:
    with pytest.raises(BadManifest) as caught:
        from_urls(["https://a.example.com", "https://me:hunter2@exa mple.com", "https://a.example.com?x"])
    assert str(caught.value).splitlines() == [
        "command line: URL 2: the URL holds a space, a control character or a backslash; percent-encode it",
        'command line: URL 3: has the id "a-example-com", as URL 1 has: write a manifest, where each can have an '
        "`id:`; an id made from a URL leaves out scheme, query and credentials",
    ]


def test_thousands_of_monitors_are_read(tmp_path: Path) -> None:
    text = "".join(f"- {{name: N{n}, url: 'https://h{n}.example.com/', group: G, every: 30s}}\n" for n in range(2_000))
    assert len(_load(tmp_path, text).monitors) == 2_000
