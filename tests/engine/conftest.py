"""An engine on a library of its own, with the toy and a tiny random Stable Diffusion model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from studio.core import events
from studio.core.request import Request
from studio.engine.engine import Engine
from studio.engine.memory.room import Room
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import Catalogue
from tests.previews import fitted_once
from tests.tiny import make_tiny


class Bench:
    """The engine under test and everything it has told."""

    def __init__(
        self, folder: Path, device: str = "cpu", room: Room | None = None, threads: int = 0
    ) -> None:
        self.folders = Folders(folder / "pictures", folder / "data")
        self.library = Library(self.folders)
        self.catalogue = Catalogue(self.folders)
        self.queue: Queue[events.Event] = Queue()
        self.told: list[events.Event] = []
        self.engine = Engine(
            self.library, self.catalogue, self.queue.put, device, room=room, threads=threads
        )
        self.engine.start()

    def until(self, *kinds: type, run: str | None = None) -> events.Event:
        """The next event of one of these kinds (of that run)."""
        while True:
            event = self.queue.get(timeout=60)
            self.told.append(event)
            if isinstance(event, kinds) and run in (None, event.run):
                return event

    def finish(self, request: Request) -> events.Finished:
        run = self.engine.submit(request)
        event = self.until(events.Finished, events.Failed, events.Stopped, run=run)
        assert isinstance(event, events.Finished), event
        return event

    def fail(self, request: Request) -> events.Failed:
        run = self.engine.submit(request)
        event = self.until(events.Finished, events.Failed, run=run)
        assert isinstance(event, events.Failed), event
        return event

    def of(self, kind: type, run: str) -> list[events.Event]:
        return [event for event in self.told if isinstance(event, kind) and event.run == run]

    def close(self) -> None:
        assert self.engine.close()
        self.library.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture(scope="session", autouse=True)
def previews_fitted_once() -> Iterator[None]:
    yield from fitted_once()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny")
