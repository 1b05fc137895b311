"""Does compose.yaml start what the contract names, closed to the network, with no password that anybody knows?"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.packaging.shell import ROOT, run
from tests.servers.process import Process, await_condition, free_port, listens, program
from tools.prepare import jar

SECRETS = {
    "REDIS_PASSWORD": "r-3",
    "QUESTDB_PASSWORD": "q-4",
    "POSTGRES_PASSWORD": "p-5",
    "SIGNALBOX_SECRET_KEY": "k-6",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OURS = ("api", "worker", "beat")


def has_docker_compose() -> bool:
    """Is the compose plugin here? (The docker command alone is not enough; an engine is not needed.)"""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


def fill(value: Any) -> Any:
    """What compose does with `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`."""
    if isinstance(value, dict):
        return {key: fill(part) for key, part in value.items()}
    if isinstance(value, list):
        return [fill(part) for part in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda found: SECRETS.get(found[1], found[3] or ""), value).replace("$$", "$")


def services(*files: str) -> dict[str, Any]:
    """The services as docker reads them where docker compose is here, else as YAML with variables filled in."""
    if has_docker_compose():
        chosen = [part for name in files for part in ("-f", str(ROOT / name))]
        said = run(
            "docker", "compose", *chosen, "config", "--format", "json", folder=ROOT, env={**os.environ, **SECRETS}
        )
        return dict(json.loads(said)["services"])
    merged: dict[str, Any] = {}
    for name in files:
        for service, keys in fill(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))["services"].items():
            for key, value in keys.items():
                kept = merged.setdefault(service, {})
                kept[key] = {**kept.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


def published(service: dict[str, Any]) -> set[tuple[str, int]]:
    """(host address, container port) of each published port, in either of compose's spellings."""
    ports = set()
    for port in service.get("ports", ()):
        if isinstance(port, str):
            host, _, inner = port.rpartition(":")
            ports.add((host.rpartition(":")[0], int(inner)))
        else:
            ports.add((port.get("host_ip", ""), int(port["target"])))
    return ports


def shell_of(service: dict[str, Any]) -> str:
    """The script that a service's command runs in a shell (docker's own reading keeps `$$`)."""
    shell, flag, script = service["command"]
    assert (shell, flag) == ("sh", "-c")
    return str(script).replace("$$", "$")


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """The services of compose.yaml."""
    return services("compose.yaml")


def test_the_five_services_of_the_contract_are_there(stack: dict[str, Any]) -> None:
    assert set(stack) == {"redis", "questdb", *OURS}
    for name in OURS:
        assert stack[name]["command"] == [name]
        assert stack[name]["read_only"] is True
        assert stack[name]["cap_drop"] == ["ALL"]


def test_every_port_is_published_on_loopback_only(stack: dict[str, Any]) -> None:
    assert published(stack["questdb"]) == {("127.0.0.1", 9000), ("127.0.0.1", 8812)}
    assert published(stack["api"]) == {("127.0.0.1", 8000)}
    assert not [name for name in ("redis", "worker", "beat") if published(stack[name])]


def test_no_password_stands_in_the_file_and_none_has_a_default() -> None:
    for name in ("compose.yaml", "deploy/compose/postgres.yaml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for variable, kind, _ in VARIABLE.findall(text):
            assert kind == "?" or variable not in SECRETS, f"{name}: {variable} must be required"
        for key, value in re.findall(r"(\w*(?:PASSWORD|SECRET_KEY)): (.*)", text):
            assert value.startswith("${"), f"{name}: {key} is written out"


def test_images_are_pinned_to_a_version(stack: dict[str, Any]) -> None:
    for name, service in stack.items():
        assert re.search(r":v?\d+\.\d+", service["image"]), f"{name}: {service['image']}"


def test_the_data_outlives_the_containers(stack: dict[str, Any]) -> None:
    def targets(name: str) -> str:
        return json.dumps(stack[name]["volumes"])

    assert "/var/lib/questdb" in targets("questdb")
    assert all("/data" in targets(name) for name in OURS)


def test_the_variant_keeps_state_in_postgresql() -> None:
    stack = services("compose.yaml", "deploy/compose/postgres.yaml")
    for name in OURS:
        environment = stack[name]["environment"]
        assert environment["SIGNALBOX_DATABASE_URL"] == "postgresql://signalbox:p-5@postgres:5432/signalbox"
        assert environment["SIGNALBOX_BROKER_URL"] == "redis://:r-3@redis:6379/0"
    assert not published(stack["postgres"])


def test_redis_started_as_in_compose_asks_for_the_password_and_never_evicts(
    stack: dict[str, Any], tmp_path: Path
) -> None:
    port = free_port()
    script = shell_of(stack["redis"]).replace("requirepass", f"port {port}\nbind 127.0.0.1\nrequirepass", 1)
    assert SECRETS["REDIS_PASSWORD"] not in script  # it goes in by the environment, not on a command line

    def ask(*words: str, password: str = "") -> str:
        env = {**os.environ, "REDISCLI_AUTH": password} if password else None
        return run(program("redis-cli"), "-p", str(port), *words, folder=tmp_path, env=env)

    with Process(["sh", "-c", script], tmp_path, "redis", stack["redis"]["environment"]) as redis:
        redis.start(lambda: listens(port))
        assert "NOAUTH" in ask("ping")
        assert "PONG" in ask("ping", password=SECRETS["REDIS_PASSWORD"])
        assert "noeviction" in ask("config", "get", "maxmemory-policy", password=SECRETS["REDIS_PASSWORD"])


def test_questdb_started_as_in_compose_answers_nobody_without_the_password(
    stack: dict[str, Any], tmp_path: Path
) -> None:
    http, pgwire = free_port(), free_port()
    environment = {
        **stack["questdb"]["environment"],
        "QDB_HTTP_BIND_TO": f"127.0.0.1:{http}",
        "QDB_PG_NET_BIND_TO": f"127.0.0.1:{pgwire}",
        "QDB_HTTP_MIN_ENABLED": "false",
    }
    command = [program("java"), "-p", str(jar()), "-m", "io.questdb/io.questdb.ServerMain", "-d", str(tmp_path)]

    def status(user: str, password: str) -> int:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        question = urllib.request.Request(
            f"http://127.0.0.1:{http}/exec?query=select%201", headers={"Authorization": f"Basic {token}"}
        )
        try:
            with urllib.request.urlopen(question, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return refusal.code

    def selects(user: str, password: str) -> bool:
        try:
            with psycopg.connect(
                host="127.0.0.1", port=pgwire, user=user, password=password, dbname="qdb", autocommit=True
            ) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    with Process(command, tmp_path, "questdb", environment) as questdb:
        questdb.start(lambda: listens(http) and listens(pgwire))
        await_condition(lambda: status("signalbox", SECRETS["QUESTDB_PASSWORD"]) == 200, "QuestDB to answer us")
        assert status("admin", "quest") == 401
        assert selects("signalbox", SECRETS["QUESTDB_PASSWORD"])
        assert not selects("admin", "quest")
        assert not selects("user", "quest")


def test_the_image_is_pinned_slim_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "deploy/container/Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1\d-slim-bookworm", bases.pop())
    last_stage = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001" in last_stage
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)


def test_everything_the_image_copies_is_there_and_reaches_the_build() -> None:
    allowed = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    for line in (ROOT / "deploy/container/Dockerfile").read_text(encoding="utf-8").splitlines():
        if not line.startswith("COPY ") or "--from" in line:
            continue
        for source in line.split()[1:-1]:
            assert (ROOT / source).exists(), f"the image copies {source}, which is not in the repository"
            assert source.partition("/")[0] in allowed, f".dockerignore keeps {source} from the build"
