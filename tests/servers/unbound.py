"""A real name server for tests: Unbound, over UDP, TCP, TLS and HTTPS, with a zone of its own."""

from __future__ import annotations

from pathlib import Path

from tests.servers.process import Process, free_port, listens, program

ZONE = (
    'example.test. 60 IN SOA ns.example.test. root.example.test. 2026112501 7200 3600 1209600 300',
    "example.test. 60 IN NS ns.example.test.",
    "example.test. 60 IN A 192.0.2.1",
    "example.test. 60 IN A 192.0.2.2",
    "example.test. 60 IN AAAA 2001:db8::1",
    "example.test. 60 IN MX 10 Mail.example.test.",
    'example.test. 60 IN TXT "v=spf1 -all"',
    'example.test. 60 IN CAA 0 issue "ca.example.test"',
    "www.example.test. 60 IN CNAME other.example.test.",
    "_sip._tcp.example.test. 60 IN SRV 1 2 5060 sip.example.test.",
    "1.2.0.192.in-addr.arpa. 60 IN PTR example.test.",
    *(f'long.example.test. 60 IN TXT "{number:0200}"' for number in range(20)),
)  # fmt: skip


class UnboundServer:
    """Started at once; `port`, `tls_port` and `https_port` are on loopback."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        self.port, self.tls_port, self.https_port = free_port(), free_port(), free_port()
        settings = folder / "unbound.conf"
        lines = [f"  local-data: '{line}'" for line in ZONE]
        settings.write_text(
            f"""server:
  interface: 127.0.0.1@{self.port}
  interface: 127.0.0.1@{self.tls_port}
  interface: 127.0.0.1@{self.https_port}
  tls-port: {self.tls_port}
  https-port: {self.https_port}
  tls-service-key: "{certificate}"
  tls-service-pem: "{certificate}"
  access-control: 127.0.0.0/8 allow
  chroot: ""
  directory: "{folder}"
  username: ""
  pidfile: "{folder / 'unbound.pid'}"
  use-syslog: no
  do-daemonize: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "example.test." static
  local-zone: "refused.test." always_refuse
  local-zone: "2.0.192.in-addr.arpa." static
""" + "\n".join(lines) + "\n",
            encoding="ascii",
        )  # fmt: skip
        command = [program("unbound", "/usr/sbin/unbound"), "-d", "-p", "-c", str(settings)]
        self._process = Process(command, folder, "unbound")

    def __enter__(self) -> UnboundServer:
        ports = (self.port, self.tls_port, self.https_port)
        self._process.start(lambda: all(map(listens, ports)))
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()
