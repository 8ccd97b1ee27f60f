"""Downloads as the window knows them, on a fetcher that does what a test tells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.core.downloads import (
    Download,
    DownloadGone,
    Downloading,
    Listed,
    Listing,
    Machine,
    Measured,
    NotListed,
    Precision,
    RemoteFile,
    State,
)
from studio.core.events import Failed
from studio.core.offline import never_use_network
from studio.session.fitting import fit
from studio.session.message import Message
from studio.session.session import Session
from tests.session.scripted import new_session

LISTING = Listing("acme/tiny", "c0ffee", (RemoteFile("a", "a", 100),))


class Fetcher:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []

    def measure(self) -> None:
        self.asked.append(("measure", None))

    def look(self, asked: str, precision: Precision | None = None) -> None:
        self.asked.append(("look", asked))

    def begin(self, listing: Listing) -> None:
        self.asked.append(("begin", listing))

    def resume(self, id: str) -> None:
        self.asked.append(("resume", id))

    def pause(self, id: str) -> None:
        self.asked.append(("pause", id))

    def cancel(self, id: str) -> None:
        self.asked.append(("cancel", id))

    def fetch(self, what: str) -> None:
        self.asked.append(("fetch", what))


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher()


@pytest.fixture
def session(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    session = new_session()
    session.downloads.connect(fetcher)
    yield session
    never_use_network(False)


def going(state: State = "going", **more: object) -> Downloading:
    return Downloading(Download("acme--tiny", "acme/tiny", state, **more))  # type: ignore[arg-type]


def test_what_is_looked_at_is_downloaded(session: Session, fetcher: Fetcher) -> None:
    downloads = session.downloads
    downloads.look(" acme/tiny ")
    downloads.begin()
    assert fetcher.asked == [("look", "acme/tiny")]
    session.receive(Listed("acme/other", LISTING, 0, 1000))
    assert downloads.listed is None
    session.receive(Listed("acme/tiny", LISTING, 0, 1000))
    downloads.begin()
    assert fetcher.asked[1:] == [("begin", LISTING)]
    downloads.forget()
    assert (downloads.asked, downloads.listed) == ("", None)


def test_a_refusal_is_for_the_question_that_is_asked(session: Session) -> None:
    session.downloads.look("acme/gated")
    session.receive(NotListed("acme/before", "No.", "Try."))
    assert session.downloads.refused is None
    refused = NotListed("acme/gated", "No.", "Accept it.", "https://hub/acme/gated")
    session.receive(refused)
    assert session.downloads.refused == refused


def test_an_end_is_said_once_and_the_model_can_be_used(session: Session) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    session.receive(going(done=10, total=100))
    session.receive(going("failed", message="No network.", hint="Go on later."))
    session.receive(going("failed", message="No network.", hint="Go on later."))
    assert [(m.text, m.hint, m.kind) for m in said] == [("No network.", "Go on later.", "warning")]
    session.receive(going("done", model="large"))
    said[1].offers[0].do()
    assert session.settings.model == "large"
    session.settings.model = "starter"
    session.downloads.use("acme--tiny")
    assert session.settings.model == "large"


def test_one_that_is_over_leaves_the_list_and_one_that_is_not_is_cancelled(
    session: Session, fetcher: Fetcher
) -> None:
    session.receive(going("done", model="large"))
    session.downloads.cancel("acme--tiny")
    assert session.downloads.items == {}
    assert fetcher.asked == []
    session.receive(going("paused"))
    session.downloads.resume("acme--tiny")
    session.downloads.cancel("acme--tiny")
    assert fetcher.asked == [("resume", "acme--tiny"), ("cancel", "acme--tiny")]
    session.receive(DownloadGone("acme--tiny"))
    assert session.downloads.items == {}


def test_what_a_model_lacks_is_fetched_where_it_is_told(session: Session, fetcher: Fetcher) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    run = session.generate()
    assert run is not None
    session.receive(Failed(run.id, "The CLIP tokenizer is missing.", "Fetch it.", "", "clip"))
    assert fetcher.asked == []
    (offer,) = said[-1].offers
    offer.do()
    assert fetcher.asked == [("fetch", "clip")]
    session.receive(
        Downloading(Download("tokenizer--clip", "The CLIP tokenizer", "done", 9, hint="Now."))
    )
    assert (said[-1].text, said[-1].hint, said[-1].offers) == (
        "The CLIP tokenizer has arrived and is checked.",
        "Now.",
        (),
    )
    session.receive(Failed(run.id, "No memory.", "Close programs.", ""))
    assert said[-1].offers == ()


def test_the_switch_pauses_what_goes_and_is_told(session: Session, fetcher: Fetcher) -> None:
    told: list[str] = []
    session.downloads.measured.connect(lambda: told.append(session.downloads.why_offline))
    session.receive(going())
    session.preferred.set("offline", True)
    assert fetcher.asked == [("pause", "acme--tiny")]
    session.preferred.set("step_memory", 1024.0)
    session.preferred.set("offline", False)
    assert len(told) == 2
    assert "Never use the network" in told[0]
    assert told[1] == ""


def test_the_machine_is_asked_for_once(session: Session, fetcher: Fetcher) -> None:
    session.downloads.measure()
    session.receive(Measured(Machine("cuda", 8, 16, 100)))
    session.downloads.measure()
    assert fetcher.asked == [("measure", None)]


GB = 10**9


@pytest.mark.parametrize(
    ("gpu", "ram", "half", "answer"),
    [
        (12, 32, True, "fits"),
        (8, 32, True, "offload"),
        (6, 32, True, "offload"),
        (2, 32, True, "large"),
        (8, 8, True, "large"),
        (0, 32, False, "fits"),
        (0, 12, False, "large"),
        (0, 12, True, "fits"),
        (0, 0, True, "unknown"),
    ],
)
def test_whether_a_model_fits(gpu: int, ram: int, half: bool, answer: str) -> None:
    weights = {"unet": 5 * GB, "text_encoder": 2 * GB}
    machine = Machine("cuda" if gpu else "cpu", gpu * GB, ram * GB, 0, half)
    found, why = fit(weights, machine)
    assert found == answer
    assert bool(why) == (answer != "unknown")


def test_without_a_machine_nothing_is_claimed() -> None:
    assert fit({"unet": 1}, None) == ("unknown", "")
