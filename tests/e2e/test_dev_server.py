"""Does the web page's own dev server work beside the API, as in the tutorial's third shell?"""

from __future__ import annotations

from pathlib import Path

from tests.e2e import documents
from tests.servers.chromium import SCRIPTS, browse
from tests.servers.process import Process, free_port, listens
from tests.servers.site import served
from tools.node import node_command, node_environment


def test_the_dev_server_shows_what_the_api_on_another_port_says(tmp_path: Path) -> None:
    port = free_port()
    page = str(SCRIPTS.parents[1])
    command = node_command("npm", "--prefix", page, "run", "dev", "--", "--port", str(port))
    with served(documents.trouble()) as api:
        environment = {**node_environment(), "NUXT_PUBLIC_API": api}
        with Process(command, tmp_path, "dev", environment).start(ready=lambda: listens(port)):
            browse("dev", f"http://localhost:{port}/")
