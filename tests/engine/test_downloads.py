"""Downloads beside the engine: started, paused, cancelled, found again; never in anybody's way."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.downloads import (
    Download,
    DownloadGone,
    Downloading,
    Listed,
    Listing,
    Measured,
    NotListed,
)
from studio.core.events import Catalogued, Event
from studio.engine.downloads import Downloads
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.hub import line
from tests.models.hub.conftest import WEIGHTS, content, in_a_hurry, model, serve
from tests.models.hub.server import Fault, Hub
from tests.tiny import make_tiny

__all__ = ["in_a_hurry", "serve"]

Serve = Callable[..., Hub]
WAIT = 10.0


class Heard:
    """What was told, and waiting for it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._told = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._told:
            self.events.append(event)
            self._told.notify_all()

    def until(self, true: Callable[[Event], bool], after: int = 0) -> Event:
        with self._told:
            assert self._told.wait_for(lambda: any(map(true, self.events[after:])), WAIT)
            return next(event for event in self.events[after:] if true(event))

    def state(self, word: str, after: int = 0) -> Download:
        found = self.until(lambda e: isinstance(e, Downloading) and e.download.state == word, after)
        assert isinstance(found, Downloading)
        return found.download


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(Folders(tmp_path / "pictures", tmp_path / "data"))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def downloads(catalogue: Catalogue, heard: Heard) -> Iterator[Downloads]:
    made = Downloads(catalogue, heard)
    yield made
    assert made.close(10.0)


def listed(downloads: Downloads, heard: Heard, asked: str = "acme/tiny") -> Listing:
    downloads.look(asked, "full")
    event = heard.until(lambda e: isinstance(e, Listed | NotListed) and e.asked == asked)
    assert isinstance(event, Listed), event
    return event.listing


def tiny(folder: Path) -> dict[str, bytes]:
    made = make_tiny(folder)
    return {p.relative_to(made).as_posix(): p.read_bytes() for p in made.rglob("*") if p.is_file()}


def test_a_model_arrives_and_is_in_the_catalogue(
    serve: Serve, tmp_path: Path, downloads: Downloads, heard: Heard
) -> None:
    serve(tiny(tmp_path / "served"))
    listing = listed(downloads, heard)
    downloads.begin(listing)
    done = heard.state("done")
    assert (done.done, done.total, done.model) == (listing.total, listing.total, "acme--tiny")
    found = heard.until(lambda e: isinstance(e, Catalogued))
    assert isinstance(found, Catalogued)
    assert "acme--tiny" in [model.name for model in found.models]


def test_a_pause_is_told_at_once_and_the_rest_comes_later(
    serve: Serve, downloads: Downloads, heard: Heard
) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=20.0)])
    listing = listed(downloads, heard)
    downloads.begin(listing)
    heard.until(lambda e: isinstance(e, Downloading) and e.download.done >= 1 << 20)
    downloads.pause(listing.id)
    last = heard.events[-1]
    assert isinstance(last, Downloading)
    assert last.download.state == "paused"
    told = len(heard.events)
    downloads.resume(listing.id)
    assert heard.state("done", told).done == listing.total
    states = [e.download.state for e in heard.events[told:] if isinstance(e, Downloading)]
    assert states[0] == "waiting"
    assert set(states) == {"waiting", "going", "done"}


def test_one_comes_after_the_other(serve: Serve, downloads: Downloads, heard: Heard) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=20.0)])
    first = listed(downloads, heard)
    second = Listing("acme/other", first.commit, first.files)
    downloads.begin(first)
    downloads.begin(second)
    heard.state("going")
    downloads.cancel(first.id)
    gone = heard.until(lambda e: isinstance(e, DownloadGone))
    assert gone == DownloadGone(first.id)
    # The second has a name that this hub does not know, and says so.
    failed = heard.until(
        lambda e: (
            isinstance(e, Downloading)
            and (e.download.id, e.download.state) == (second.id, "failed")
        )
    )
    assert isinstance(failed, Downloading)
    assert "acme/other" in failed.download.message


def test_what_is_cancelled_is_deleted_and_can_begin_again(
    serve: Serve, downloads: Downloads, heard: Heard, catalogue: Catalogue
) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=20.0)])
    listing = listed(downloads, heard)
    downloads.begin(listing)
    heard.until(lambda e: isinstance(e, Downloading) and e.download.done >= 1 << 20)
    downloads.cancel(listing.id)
    assert heard.events[-1] == DownloadGone(listing.id)
    told = len(heard.events)
    downloads.begin(listing)
    heard.state("done", told)
    asked = [headers for path, headers in hub.asked if path.endswith(WEIGHTS)]
    assert "range" not in asked[-1]
    assert not list(catalogue.downloads.glob("*.part"))


def test_an_unfinished_one_is_found_at_the_next_start(
    serve: Serve, catalogue: Catalogue, heard: Heard
) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=20.0)])
    before = Downloads(catalogue, heard)
    listing = listed(before, heard)
    before.begin(listing)
    heard.until(lambda e: isinstance(e, Downloading) and e.download.done >= 1 << 20)
    assert before.close(10.0)
    later = Heard()
    downloads = Downloads(catalogue, later)
    downloads.start()
    paused = later.state("paused")
    assert (paused.repo, paused.total) == ("acme/tiny", listing.total)
    assert 1 << 20 <= paused.done < paused.total
    downloads.resume(paused.id)
    later.state("done")
    assert downloads.close(10.0)


def test_one_that_was_whole_but_not_yet_known_is_added(
    serve: Serve, tmp_path: Path, catalogue: Catalogue, heard: Heard
) -> None:
    """As after a kill between the last byte and the catalogue."""
    serve(tiny(tmp_path / "served"))
    first = Downloads(catalogue, heard)
    listing = listed(first, heard)
    folder = catalogue.downloads / "acme--tiny"
    first.begin(listing)
    heard.state("done")
    assert first.close(10.0)
    catalogue.remove("acme--tiny")
    from studio.models.hub.shelf import Shelf

    part = folder.rename(catalogue.downloads / "acme--tiny.part")
    Shelf(catalogue.downloads).begin(listing)  # what is there with no note is dropped
    assert not (part / "model_index.json").exists()
    for name, data in tiny(tmp_path / "again").items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_bytes(data)
    part.rename(folder)
    second = Downloads(catalogue, heard)
    told = len(heard.events)
    second.start()
    heard.until(lambda e: isinstance(e, Catalogued), told)
    assert catalogue.find("acme--tiny").path == folder
    assert second.close(10.0)


def test_what_cannot_be_looked_up_is_told_with_its_page(
    serve: Serve, downloads: Downloads, heard: Heard
) -> None:
    hub = serve()
    hub.api_status.append((403, {"X-Error-Code": "GatedRepo"}))
    downloads.look("acme/tiny", "half")
    told = heard.until(lambda e: isinstance(e, NotListed))
    assert isinstance(told, NotListed)
    assert (told.asked, told.page) == ("acme/tiny", f"{hub.url}/acme/tiny")
    downloads.look("no name", "half")
    heard.until(lambda e: isinstance(e, NotListed) and e.asked == "no name")


def test_only_the_newest_question_is_answered(
    serve: Serve, downloads: Downloads, heard: Heard
) -> None:
    serve()
    for asked in ("acme/a", "acme/b", "acme/tiny"):
        downloads.look(asked, "full")
    heard.until(lambda e: isinstance(e, Listed) and e.asked == "acme/tiny")
    assert not [e for e in heard.events if isinstance(e, NotListed) and e.asked == "acme/b"]


def test_a_failure_keeps_what_has_come(serve: Serve, downloads: Downloads, heard: Heard) -> None:
    hub = serve(model() | {WEIGHTS: content(2 << 20)})
    hub.faults[WEIGHTS] = deque(
        [Fault(cut=1 << 20), Fault(status=403, headers={"X-Error-Code": "GatedRepo"})]
    )
    listing = listed(downloads, heard)
    downloads.begin(listing)
    failed = heard.state("failed")
    assert "licence" in failed.message
    assert failed.hint
    told = len(heard.events)
    downloads.resume(listing.id)
    heard.state("done", told)
    assert hub.sent < 1.2 * sum(map(len, hub.files.values()))


def test_the_machine_is_measured(downloads: Downloads, heard: Heard) -> None:
    downloads.measure()
    told = heard.until(lambda e: isinstance(e, Measured))
    assert isinstance(told, Measured)
    assert told.machine.ram > 1e8
    assert told.machine.disk > 0


def test_closing_does_not_wait_for_a_line(
    serve: Serve, catalogue: Catalogue, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "STALL", 60.0)
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1000, stall=60.0)])
    downloads = Downloads(catalogue, heard)
    listing = listed(downloads, heard)
    downloads.begin(listing)
    heard.state("going")
    assert downloads.close(20.0)
