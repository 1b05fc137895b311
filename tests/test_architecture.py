"""Does the code stand as ARCHITECTURE.md says? Layers, homes of libraries, names, and what tracked files may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from signalbox.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "signalbox"

# Library → where in src/signalbox it may be imported. A second home is a decision: see docs/decisions/0001.
HOMES = {
    "alembic": ("db/",),
    "apprise": ("notifications/apprise.py",),
    "celery": ("runner/celery.py",),
    "certifi": ("checks/curl/",),
    "cronsim": ("checks/push.py",),
    "cryptography": ("db/", "checks/"),
    "dateutil": ("maintenance/windows.py",),
    "dns": ("resolver/", "checks/dns.py", "checks/records.py"),
    "fastapi": ("api/",),
    "idna": ("checks/",),
    "kombu": ("runner/celery.py",),
    "jsonpath": ("checks/expectations.py",),
    "markdown_it": ("incidents/markdown.py",),
    "nh3": ("incidents/markdown.py",),
    "psycopg": ("db/", "stores/questdb", "checks/postgres.py"),
    "pycurl": ("checks/curl/",),
    "pymongo": ("checks/mongodb.py",),
    "pymysql": ("checks/mysql.py",),
    "pydantic_settings": ("settings.py",),
    "re2": ("checks/conditions.py",),
    "questdb": ("stores/questdb",),
    "redis": ("broker.py",),
    "rich": ("cli/",),
    "selectolax": ("checks/expectations.py",),
    "sqlite3": ("stores/sqlite", "db/"),
    "smtplib": ("notifications/email.py",),
    "standardwebhooks": ("notifications/webhook.py",),
    "starlette": ("api/",),
    "typer": ("cli/",),
    "uvicorn": ("api/", "cli/"),
    "uvloop": ("runner/",),
    "websockets": ("checks/websocket.py",),
    "yaml": ("manifest/",),
}

# Distributions that are not called as what is imported from them. Kombu is Celery's own, Starlette FastAPI's.
DISTRIBUTIONS = {
    "dateutil": "python-dateutil",
    "jsonpath": "python-jsonpath",
    "re2": "google-re2",
    "dns": "dnspython",
    "dotenv": "python-dotenv",
    "kombu": "celery",
    "markdown_it": "markdown-it-py",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
    "yaml": "pyyaml",
}

# Settings that are read by way of a property, and those that say in their description that nothing reads them yet.
DERIVED = {"signals_url": ("signal_store_url",), "database_url": ("state_url",)}
FOR_LATER: set[str] = set()

VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc|base_?service)(_|$)")

# Joined here, so that this file does not hold what it forbids.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("registry", "yarnpkg"),
        ("repo1", "maven"), ("repo", "maven"), ("deb", "debian"), ("proxy", "golang"),
    )
)  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w.)}-])/(work|root|tmp|home)/[\w.-]")


def tracked(*patterns: str) -> list[Path]:
    """The files that git tracks here, of these patterns."""
    names = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in names.stdout.split("\0") if name and (ROOT / name).is_file()]


def imports(module: Path) -> set[str]:
    """Top-level names of what a module imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_each_library_has_one_home() -> None:
    strays = [
        f"{name} imports {library}, whose home is {' or '.join(HOMES[library])}"
        for module in sorted(SOURCES.rglob("*.py"))
        for library in sorted(imports(module) & HOMES.keys())
        if not (name := module.relative_to(SOURCES).as_posix()).startswith(HOMES[library])
    ]
    assert strays == []


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    declared = {re.split(r"[\[<>=;! ]", line)[0].lower() for line in lines}
    strays = {
        f"{module.relative_to(SOURCES)}: {library}"
        for module in SOURCES.rglob("*.py")
        for library in imports(module) - sys.stdlib_module_names - {"signalbox"}
        if DISTRIBUTIONS.get(library, library).replace("_", "-") not in declared
    }
    assert strays == set()


def test_imports_point_down_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_modules_are_named_for_what_they_are() -> None:
    vague = [str(path) for path in tracked("*.py", "*.ts", "*.vue") if VAGUE.search(path.stem.lower())]
    assert vague == []


def test_every_module_says_first_what_it_is_for() -> None:
    silent = [
        module.relative_to(ROOT).as_posix()
        for module in SOURCES.rglob("*.py")
        if module.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(module.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_tracked_files_name_no_path_of_a_machine_and_no_package_host() -> None:
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture
        for number, line in enumerate(lines, 1):
            if MACHINE_PATH.search(line) or any(host in line for host in HOSTS):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described_and_stands_in_the_reference(name: str) -> None:
    assert Settings.model_fields[name].description
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert f"`{PREFIX}{name.upper()}`" in page


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - FOR_LATER))
def test_every_setting_is_read_by_somebody(name: str) -> None:
    spellings = "|".join((name, *DERIVED.get(name, ())))
    use = re.compile(rf"\bsettings\.({spellings})\b")
    readers = [
        module
        for module in SOURCES.rglob("*.py")
        if module != SOURCES / "settings.py" and use.search(module.read_text(encoding="utf-8"))
    ]
    assert readers, f"{PREFIX}{name.upper()} changes nothing"
