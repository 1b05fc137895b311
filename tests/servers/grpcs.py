"""A real gRPC server for tests, with the health service of its own library."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

STATES = health_pb2.HealthCheckResponse


class GrpcServer:
    """Serves while a `with` lasts; `set` says how a service is doing."""

    def __init__(self, certificate: bytes | None = None, *, healthy: bool = True) -> None:
        """`certificate`: with key as PEM, where it is to speak TLS; without `healthy` nobody can ask how it is."""
        self._server = grpc.server(ThreadPoolExecutor(2))
        self._health = health.HealthServicer()
        if healthy:
            health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if certificate is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            secured = grpc.ssl_server_credentials([(certificate, certificate)])
            self.port = self._server.add_secure_port("127.0.0.1:0", secured)

    def set(self, service: str, state: int) -> None:
        """How that service is doing from now on."""
        self._health.set(service, state)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()
