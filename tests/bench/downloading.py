"""What a bad line and kills cost a download, how fast a good one is, how soon a cancel is obeyed.

    python -m tests.bench.downloading [MEGABYTES]

The server is on loopback, in this process: the speeds say what our side can take at least.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from studio.core.downloads import Downloading, Listed
from studio.core.events import Event
from studio.engine.downloads import Downloads
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from tests.models.hub.conftest import WEIGHTS, content, model
from tests.models.hub.ordeal import ordeal
from tests.models.hub.server import Fault, Hub, serving

CANCELS = 20


class Heard:
    """What was told, and when."""

    def __init__(self) -> None:
        self.events: list[tuple[float, Event]] = []
        self._told = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._told:
            self.events.append((time.perf_counter(), event))
            self._told.notify_all()

    def state(self, word: str) -> float:
        def found() -> list[float]:
            return [
                moment
                for moment, event in self.events
                if isinstance(event, Downloading) and event.download.state == word
            ]

        with self._told:
            self._told.wait_for(lambda: bool(found()), 60)
            return found()[0]

    def listing(self) -> Listed:
        def found() -> list[Listed]:
            return [event for _, event in self.events if isinstance(event, Listed)]

        with self._told:
            self._told.wait_for(lambda: bool(found()), 60)
            return found()[0]


def started(home: Path) -> tuple[Downloads, Heard]:
    heard = Heard()
    downloads = Downloads(Catalogue(Folders(home / "pictures", home / "data")), heard)
    downloads.look("acme/tiny", "full")
    downloads.begin(heard.listing().listing)
    heard.state("going")
    return downloads, heard


def cancel_once(home: Path, stalled: bool) -> tuple[float, float]:
    """Milliseconds until a cancel is told, and until its threads have ended."""
    hub = Hub(model() | {WEIGHTS: content(8 << 20)})
    hub.speed = 4e6
    if stalled:
        hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=3.0)])
    with serving(hub):
        os.environ["HF_ENDPOINT"] = hub.url
        downloads, _ = started(home)
        time.sleep(0.6 if stalled else 0.3)
        began = time.perf_counter()
        downloads.cancel("acme--tiny")
        told = time.perf_counter()
        assert downloads.close(30.0)
        return 1000 * (told - began), 1000 * (time.perf_counter() - began)


def main(size: int) -> None:
    os.environ["HF_HUB_OFFLINE"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        outcome = ordeal(home / "ordeal", size)
        print(
            f"{size / 1e6:.0f} MB, {outcome.cuts} cuts, {outcome.kills} kill -9: "
            f"hash {'right' if outcome.right else 'WRONG'}, "
            f"{outcome.fetched:.4f} of the bytes fetched, {outcome.seconds:.1f} s"
        )
        hub = Hub(model() | {WEIGHTS: content(size)})
        with serving(hub):
            os.environ["HF_ENDPOINT"] = hub.url
            began = time.perf_counter()
            downloads, heard = started(home / "plain")
            seconds = heard.state("done") - began
            assert downloads.close(30.0)
        print(f"On a good line: {size / 1e6 / seconds:.0f} MB/s, hash included")
        for stalled in (False, True):
            times = [cancel_once(home / f"c{stalled}{i}", stalled) for i in range(CANCELS)]
            told, ended = (max(column) for column in zip(*times, strict=True))
            print(
                f"Cancel {'of a dead line' if stalled else 'in the middle'}, worst of {CANCELS}: "
                f"told after {told:.1f} ms, all threads ended and files gone after {ended:.0f} ms"
            )


if __name__ == "__main__":
    main(int(sys.argv[1] if len(sys.argv) > 1 else 200) * 1_000_000)
