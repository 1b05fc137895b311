"""A child process that opens the QuestDB store and dies (`kill -9`) as soon as it has said a certain step.

python -m tests.stores.adopter URL DATA STEP
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.questdb import QuestDBStore
from signalbox.stores.questdb.address import Address


def main(url: str, data: str, fatal: str) -> None:
    """Open the store; the adoption's step `fatal` is the last thing that happens."""

    def told(step: str) -> None:
        print(step, flush=True)
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    store = QuestDBStore(Address.parse(url), DeadLetters(Path(data) / "refused.jsonl"), {}, told)
    store.open()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
