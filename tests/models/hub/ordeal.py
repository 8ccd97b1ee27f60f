"""A download through everything at once: random cuts of the line, and kills of the program.

Used with few bytes by the tests and with 200 MB by `tests.bench.downloading`.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from studio.models.hub.shelf import PART
from tests.models.hub.conftest import WEIGHTS, content, model
from tests.models.hub.server import Fault, Hub, serving

GET = (
    "import signal, sys; from studio.models.hub import patience; patience.FIRST = 0.01; "
    # A shell that runs tests behind its back has this signal ignored.
    "signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from studio.cli import main; sys.exit(main(sys.argv[1:]))"
)


@dataclass(frozen=True)
class Outcome:
    """`fetched`: bytes that the server has sent, over the bytes of the model."""

    right: bool
    fetched: float
    cuts: int
    kills: int
    seconds: float


def begin(hub: Hub, home: Path, *words: str, token: str = "") -> subprocess.Popen[str]:
    """`studio models WORDS` in a process of its own, against this hub."""
    environment = os.environ | {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_OFFLINE": "0",
        "HF_TOKEN": token,
        "STUDIO_HOME": str(home),
    }
    return subprocess.Popen(
        [sys.executable, "-c", GET, "models", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ordeal(home: Path, size: int, cuts: int = 10, kills: int = 2, seed: int = 7) -> Outcome:
    """Download a model whose weights have `size` bytes, the line and the program breaking."""
    chance = random.Random(seed)
    hub = Hub(model() | {WEIGHTS: content(size, seed)})
    # Ten pieces of the file, of lengths that differ: the line breaks behind each.
    shares = [chance.uniform(0.2, 1.0) for _ in range(cuts + 1)]
    pieces = [int(size * share / sum(shares)) for share in shares]
    hub.faults[WEIGHTS] = deque(Fault(cut=piece) for piece in pieces[:-1])
    hub.speed = size / 2.0  # two seconds of line: time to be killed in
    part = home / "data/models" / f"acme--tiny{PART}" / f"{WEIGHTS}.incomplete"
    began = time.monotonic()
    with serving(hub):
        for kill in range(kills):
            process = begin(hub, home, "get", "acme/tiny", "--precision", "full")
            goal = size * (kill + chance.uniform(0.3, 0.9)) / (kills + 1)
            while not part.is_file() or part.stat().st_size < goal:
                if process.poll() is not None:
                    raise AssertionError(process.communicate())
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        _, told = (
            last := begin(hub, home, "get", "acme/tiny", "--precision", "full")
        ).communicate()
        if last.returncode:
            raise AssertionError(told)
    whole = home / "data/models/acme--tiny" / WEIGHTS
    right = (
        hashlib.sha256(whole.read_bytes()).digest() == hashlib.sha256(hub.files[WEIGHTS]).digest()
    )
    total = sum(path.stat().st_size for path in whole.parents[1].rglob("*") if path.is_file())
    done = cuts - len(hub.faults[WEIGHTS])
    return Outcome(right, hub.sent / total, done, kills, time.monotonic() - began)
