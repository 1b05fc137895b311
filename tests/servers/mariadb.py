"""A real MariaDB for tests, on a free port, with a user that has a password."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.servers.process import Process, free_port, listens, program

USER, PASSWORD = "watcher", "planted-password"


class MariaDbServer(Process):
    """A MariaDB of its own. `user` and `password` log in to the database `shop`."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        """`certificate` holds the server's certificate and key as PEM, where it is to speak TLS."""
        self.port, self._data = free_port(), folder / "mariadb-data"
        tls = [f"--ssl-cert={certificate}", f"--ssl-key={certificate}"] if certificate else []
        command = [
            program("mariadbd", "/usr/sbin/mariadbd"), "--no-defaults", f"--datadir={self._data}",
            f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={folder / 'mariadb.sock'}",
            "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
            f"--pid-file={folder / 'pid'}", f"--init-file={folder / 'init.sql'}", *_as_root(), *tls,
        ]  # fmt: skip
        super().__init__(command, folder, "mariadb")

    def up(self) -> MariaDbServer:
        """Make its data, start it and wait until it accepts connections."""
        subprocess.run(
            [program("mariadb-install-db"), "--no-defaults", f"--datadir={self._data}",
             "--auth-root-authentication-method=normal", "--skip-test-db", *_as_root()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        (self.folder / "init.sql").write_text(
            "CREATE DATABASE shop;\n"
            "CREATE TABLE shop.orders (id INT PRIMARY KEY, paid BOOL);\n"
            "INSERT INTO shop.orders VALUES (1, TRUE), (2, FALSE), (3, TRUE);\n"
            f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON shop.* TO '{USER}'@'%';\n",
            encoding="ascii",
        )
        self.start(lambda: listens(self.port))
        return self


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
