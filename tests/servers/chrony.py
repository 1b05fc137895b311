"""A real time server for tests: chronyd, that leaves this machine's clock alone."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.servers.process import Process, program


class ChronyServer:
    """A chronyd on a free port of loopback. Of that stratum by its own clock; without one it has no time to give."""

    def __init__(self, folder: Path, stratum: int | None = 8) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        settings = folder / "chrony.conf"
        local = "" if stratum is None else f"local stratum {stratum}\n"
        settings.write_text(
            f"port {self.port}\nbindaddress 127.0.0.1\nallow 127.0.0.0/8\ncmdport 0\nbindcmdaddress /\n"
            f"pidfile {folder / 'chronyd.pid'}\n{local}",
            encoding="ascii",
        )
        # -x: no control of the clock; -d: stay, and say what happens; -U: whoever runs the tests will do
        command = [program("chronyd", "/usr/sbin/chronyd"), "-x", "-d", "-U", "-u", "root", "-f", str(settings)]
        self._process = Process(command, folder, "chronyd")

    def __enter__(self) -> ChronyServer:
        self._process.start(self._is_there)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()

    def _is_there(self) -> bool:
        """Does it answer?"""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            probe.connect(("127.0.0.1", self.port))
            try:
                probe.send(b"\x23" + bytes(39) + b"whatever")
                return len(probe.recv(100)) >= 48
            except OSError:
                return False
