"""Is everything here that the tests start? Installs it as root on Debian, else says what is missing and how to get it.

The tests run real servers: Redis, PostgreSQL, QuestDB and a browser. This file needs nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

QUESTDB = "9.3.4"
QUESTDB_SHA256 = "939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062"
OLDEST_JAVA = 17
POLICY = Path("/usr/sbin/policy-rc.d")


class Program(NamedTuple):
    """A program the tests start: how to recognise it, and who packages it. `brew` is empty where only Linux has it."""

    what: str
    names: tuple[str, ...]  # any of these on PATH will do
    debian: tuple[str, ...]  # packages to try, first that installs wins
    brew: str


PROGRAMS = (
    Program("Redis", ("redis-server",), ("redis-server",), "redis"),
    Program("PostgreSQL", ("initdb",), ("postgresql",), "postgresql@15"),
    Program("Java 17 or newer", ("java",), ("openjdk-17-jre-headless", "default-jre-headless"), "openjdk@17"),
    Program("MariaDB", ("mariadbd",), ("mariadb-server",), "mariadb"),
    Program("Mosquitto", ("mosquitto",), ("mosquitto",), "mosquitto"),
    Program("Mosquitto's clients", ("mosquitto_pub",), ("mosquitto-clients",), "mosquitto"),
    Program("OpenSSH's server", ("sshd",), ("openssh-server",), "openssh"),
    Program("Dovecot", ("dovecot",), ("dovecot-imapd",), "dovecot"),
    Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), ("chromium",), "--cask chromium"),
    Program("Unbound, a name server", ("unbound",), ("unbound",), "unbound"),
    Program("chrony, a time server", ("chronyd",), ("chrony",), "chrony"),
    Program("iproute2, for networks that can be cut", ("ip",), ("iproute2",), ""),
    Program("nftables, for networks that lose packets", ("nft",), ("nftables",), ""),
)
MAVEN = Program("Maven, to fetch QuestDB", ("mvn",), ("maven",), "maven")


def cache_folder() -> Path:
    """Where the QuestDB jar is kept between runs, outside the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "signalbox" / "questdb"


def jar() -> Path:
    """The QuestDB jar that the tests start."""
    return cache_folder() / f"questdb-{QUESTDB}.jar"


def java_version(java: str) -> int:
    """Major version that `java -version` tells, 0 where it tells none (macOS has a `java` that is only a hint)."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def _which(name: str) -> str | None:
    """Where a program is; daemons are not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def is_there(program: Program) -> bool:
    """Can the tests start it?"""
    if program.names == ("initdb",):
        return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    found = next((path for name in program.names if (path := _which(name))), None)
    if program.names == ("java",):
        return found is not None and java_version(found) >= OLDEST_JAVA
    return found is not None


def verified(path: Path) -> bool:
    """Is that file the QuestDB jar we know?"""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == QUESTDB_SHA256


def can_install() -> bool:
    """Root on Debian or a child of it."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@contextmanager
def no_services() -> Iterator[None]:
    """Packages installed meanwhile do not start their services: the tests start their own, on free ports.

    Debian's invoke-rc.d asks /usr/sbin/policy-rc.d first; exit status 101 forbids the action.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def apt_get(*arguments: str) -> bool:
    """Run apt-get without questions. Did it succeed?"""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", *arguments]
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode == 0


def install(programs: list[Program]) -> None:
    """Install Debian's packages of these programs."""
    print("Installing", ", ".join(program.what for program in programs), "with apt-get.", file=sys.stderr)
    with no_services():
        apt_get("update")
        for program in programs:
            any(apt_get("install", "--no-install-recommends", package) for package in program.debian)


def explain(missing: list[Program]) -> str:
    """What is missing and how to get it, ready to be read."""
    lines = ["The tests start real servers, and these are missing:"]
    for program in missing:
        lines.append(f"  {program.what} ({' or '.join(program.names)})")
        mac = f"brew install {program.brew}" if program.brew else "not to be had; run the tests in a container"
        lines.append(f"      Debian, Ubuntu:  apt-get install {program.debian[0]}      macOS:  {mac}")
    lines.append("Install them and run the same command again. (As root on Debian this happens by itself.)")
    return "\n".join(lines)


def fetch_questdb() -> None:
    """Have Maven fetch the jar into the cache folder; it takes its place only when its checksum is right."""
    target = jar()
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"Fetching QuestDB {QUESTDB} with Maven.", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        subprocess.run(
            ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
             f"-Dartifact=org.questdb:questdb:{QUESTDB}", f"-DoutputDirectory={folder}"],
            check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=folder,
        )  # fmt: skip
        fetched = Path(folder) / target.name
        if not verified(fetched):
            raise SystemExit(f"Maven fetched a {target.name} whose SHA-256 is not {QUESTDB_SHA256}: not used.")
        fetched.replace(target)


def main() -> int:
    """Make everything be there, or tell what is not. Exit status 1 when something is missing."""
    needed = [*PROGRAMS] if verified(jar()) else [*PROGRAMS, MAVEN]
    missing = [program for program in needed if not is_there(program)]
    if missing and can_install():
        install(missing)
        missing = [program for program in missing if not is_there(program)]
    if missing:
        print(explain(missing), file=sys.stderr)
        return 1
    if not verified(jar()):
        fetch_questdb()
    return 0


if __name__ == "__main__":
    sys.exit(main())
