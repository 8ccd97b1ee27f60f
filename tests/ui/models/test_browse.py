"""The model browser, in both directions, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAccessible, QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.core.downloads import (
    Download,
    DownloadGone,
    Downloading,
    Listed,
    Listing,
    Machine,
    Measured,
    NotListed,
    RemoteFile,
    State,
)
from studio.core.events import Catalogued
from studio.core.offline import never_use_network
from studio.models.hub.curated import curated
from studio.session.session import Session
from studio.ui.models.browse import Browse
from studio.ui.models.downloadbar import DownloadBar
from studio.ui.theme import Theme
from tests.session.scripted import STARTER, new_session
from tests.session.test_downloads import Fetcher

GB = 10**9
FILES = (
    RemoteFile("unet/a.safetensors", "unet/a.safetensors", 5 * GB),
    RemoteFile("model_index.json", "model_index.json", 500),
)
LISTING = Listing("acme/tiny", "c0ffee", FILES, "half", "mit", True, "https://hub/acme/tiny")
MACHINE = Machine("cuda", 8 * GB, 32 * GB, 100 * GB)


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


@pytest.fixture
def browse(session: Session, qtbot: QtBot) -> Browse:
    browse = Browse(session)
    qtbot.addWidget(browse)
    browse.resize(940, 640)
    browse.show()
    session.receive(Measured(MACHINE))
    return browse


def text(browse: QWidget, object_name: str) -> str:
    """What a label shows; "" if it is hidden or not there."""
    QApplication.processEvents()  # rows of a form are shown in the next turn
    found = browse.findChild(QLabel, object_name)
    return found.text() if found is not None and found.isVisible() else ""


def going(state: State, done: int = 0, id: str = "acme--tiny", **more: object) -> Downloading:
    repo = id.replace("--", "/")
    return Downloading(Download(id, repo, state, done, 5 * GB, **more))  # type: ignore[arg-type]


def test_the_list_says_how_each_stands_to_this_machine(browse: Browse, session: Session) -> None:
    def badges() -> dict[str, str]:
        return {offer.model.title: offer.badge for offer in browse.offers.shown}

    assert badges()["Stable Diffusion 1.5"] == "Fits this machine"
    assert badges()["Stable Diffusion XL"] == "Needs offload"
    assert badges()["FLUX.1 dev"] == "Too large"
    id = "stabilityai--sdxl-turbo"
    session.receive(going("going", GB, id))
    assert badges()["SDXL Turbo"] == "20 %"
    session.receive(DownloadGone(id))
    own = replace(STARTER, name=id, path=Path("/models") / id)
    session.receive(Catalogued((STARTER, own)))
    assert badges()["SDXL Turbo"] == "Yours"


def test_nothing_is_asked_of_the_hub_unasked(browse: Browse, fetcher: Fetcher) -> None:
    browse.view.setCurrentIndex(browse.offers.index(3))
    browse.field.setText("flux")
    assert [word for word, _ in fetcher.asked] == ["measure"]


def test_words_choose_from_the_list_and_say_when_there_is_none(
    browse: Browse, qtbot: QtBot
) -> None:
    qtbot.keyClicks(browse.field, "flux fill")
    assert [offer.model.title for offer in browse.offers.shown] == ["FLUX.1 Fill dev"]
    assert text(browse, "prospect_title") == "FLUX.1 Fill dev"
    qtbot.keyClicks(browse.field, " nonsense")
    assert text(browse, "browse_empty")
    assert not browse.look_button.isEnabled()
    browse.field.clear()
    assert len(browse.offers.shown) == len(curated())
    assert browse.view.isVisible()


def test_a_model_of_the_list_is_looked_up_and_downloaded_by_keys(
    browse: Browse, session: Session, fetcher: Fetcher, qtbot: QtBot
) -> None:
    browse.view.setFocus()
    qtbot.keyClick(browse.view, Qt.Key.Key_Down)
    qtbot.keyClick(browse.view, Qt.Key.Key_Return)
    asked = browse.offers.shown[1].model.repo
    assert fetcher.asked[-1] == ("look", asked)
    assert browse.prospect.busy.isVisible()
    assert not browse.prospect.go.isEnabled()
    session.receive(Listed(asked, replace(LISTING, repo=asked), 0, 100 * GB))
    assert text(browse, "prospect_download") == "5.0 GB in 2 files"
    assert "accepted on its page" in text(browse, "prospect_licence")
    assert text(browse, "prospect_disk") == "100.0 GB free"
    assert browse.prospect.files.topLevelItemCount() == 2
    qtbot.keyClick(browse.view, Qt.Key.Key_Return)
    assert fetcher.asked[-1] == ("begin", replace(LISTING, repo=asked))


def test_any_other_model_is_looked_up_by_its_name(
    browse: Browse, session: Session, fetcher: Fetcher, qtbot: QtBot
) -> None:
    qtbot.keyClicks(browse.field, "acme/tiny")
    qtbot.keyClick(browse.field, Qt.Key.Key_Return)
    assert fetcher.asked[-1] == ("look", "acme/tiny")
    session.receive(Listed("acme/tiny", LISTING, 2 * GB, 100 * GB))
    assert text(browse, "prospect_title") == "acme/tiny"
    assert text(browse, "prospect_licence").startswith("mit")
    assert text(browse, "prospect_download") == "5.0 GB in 2 files, 2.0 GB of it here"
    assert browse.prospect.go.text() == "Go on with 3.0 GB"
    browse.prospect.precision.setCurrentIndex(1)
    browse.prospect.precision.activated.emit(1)
    assert fetcher.asked[-1] == ("look", "acme/tiny")
    session.receive(Listed("acme/tiny", replace(LISTING, precision="full"), 0, 100 * GB))
    assert browse.prospect.precision.currentData() == "full"
    browse.view.setCurrentIndex(browse.offers.index(0))
    assert text(browse, "prospect_title") == "Stable Diffusion 1.5"


def test_what_is_in_the_way_is_told_with_what_to_do(
    browse: Browse, session: Session, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString())
    )
    browse.field.setText("acme/gated")
    browse.look_button.click()
    session.receive(NotListed("acme/gated", "It is gated.", "Accept it.", "https://hub/accept"))
    assert text(browse, "prospect_problem") == "It is gated."
    assert text(browse, "prospect_hint") == "Accept it."
    browse.prospect.page.click()
    assert opened == ["https://hub/accept"]
    browse.prospect.go.click()
    assert fetcher.asked[-1] == ("look", "acme/gated")
    assert not text(browse, "prospect_problem")
    session.receive(Listed("acme/gated", replace(LISTING, problem="No such kind."), 0, GB))
    assert text(browse, "prospect_problem") == "No such kind."
    assert not browse.prospect.go.isEnabled()
    session.downloads.look("acme/tiny")
    session.receive(Listed("acme/tiny", LISTING, 0, GB))
    assert text(browse, "prospect_problem") == "5.0 GB are to come, and 1.0 GB free."
    assert not browse.prospect.go.isEnabled()
    session.downloads.look("acme/tiny")
    session.receive(Listed("acme/tiny", LISTING, 0, 100 * GB))
    assert "not logged in" in text(browse, "prospect_problem")
    assert "https://hub/acme/tiny" in text(browse, "prospect_hint")
    session.receive(Measured(replace(MACHINE, token=True)))
    assert not text(browse, "prospect_problem")
    assert browse.prospect.go.isEnabled()


def test_without_the_network_it_says_so(browse: Browse, session: Session) -> None:
    session.preferred.set("offline", True)
    assert "Never use the network" in text(browse, "prospect_problem")
    assert not browse.look_button.isEnabled()
    assert not browse.prospect.go.isEnabled()
    session.preferred.set("offline", False)
    assert not text(browse, "prospect_problem")
    assert browse.prospect.go.isEnabled()


def test_a_download_is_followed_held_and_used(
    browse: Browse, session: Session, fetcher: Fetcher
) -> None:
    assert not browse.transfers.isVisible()
    session.receive(going("going", 2 * GB, speed=50e6, left=60.0))
    row = browse.transfers.rows["acme--tiny"]
    assert browse.transfers.isVisible()
    assert text(row, "transfer_words") == "2.0 GB of 5.0 GB · 50 MB/s · 60 s left"
    assert row.bar.value() == 400
    row.hold.click()
    session.receive(going("paused", 2 * GB))
    assert text(row, "transfer_words") == "Paused · 2.0 GB of 5.0 GB"
    row.hold.click()
    assert fetcher.asked[-2:] == [("pause", "acme--tiny"), ("resume", "acme--tiny")]
    session.receive(going("failed", 2 * GB, message="The line broke.", hint="Go on later."))
    assert text(row, "transfer_words") == "The line broke."
    assert row.words.property("warning")
    session.receive(going("done", 5 * GB, model="large"))
    assert not row.hold.isVisible()
    row.use.click()
    assert session.settings.model == "large"
    row.drop.click()
    assert browse.transfers.rows == {}
    assert not browse.transfers.isVisible()


def test_much_that_has_arrived_is_not_deleted_by_one_click(
    browse: Browse, session: Session, fetcher: Fetcher
) -> None:
    session.receive(going("going", 2 * GB))
    row = browse.transfers.rows["acme--tiny"]
    row.drop.click()
    assert text(row, "transfer_words") == "Delete the 2.0 GB that have arrived?"
    session.receive(going("going", 3 * GB))
    assert text(row, "transfer_words") == "Delete the 3.0 GB that have arrived?"
    row.keep.click()
    assert "cancel" not in [word for word, _ in fetcher.asked]
    row.drop.click()
    row.delete.click()
    assert fetcher.asked[-1] == ("cancel", "acme--tiny")
    session.receive(DownloadGone("acme--tiny"))
    session.receive(going("going", 1000))
    browse.transfers.rows["acme--tiny"].drop.click()
    assert fetcher.asked[-2:] == [("cancel", "acme--tiny")] * 2


def test_the_status_bar_shows_the_one_that_comes(session: Session, qtbot: QtBot) -> None:
    bar = DownloadBar(session.downloads)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    session.receive(going("waiting", id="acme--later"))
    session.receive(going("going", GB, speed=50e6))
    assert bar.words.text() == "Downloading tiny and 1 more · 50 MB/s"
    assert bar.progress.value() == 200
    with qtbot.waitSignal(bar.wanted):
        bar.words.click()
    session.receive(going("done", 5 * GB))
    assert bar.words.text() == "Downloading later"
    session.receive(going("paused", id="acme--later"))
    assert bar.isHidden()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_is_painted_and_everything_has_a_name(
    browse: Browse, session: Session, qapp: QApplication, mode: str
) -> None:
    theme = Theme(qapp, mode)  # type: ignore[arg-type]
    session.downloads.look("acme/tiny")
    session.receive(Listed("acme/tiny", LISTING, 0, 100 * GB))
    session.receive(going("going", GB))
    browse.view.setCurrentIndex(browse.offers.index(7))
    assert not browse.grab().isNull()
    for control in browse.findChildren(QAbstractButton):
        if control.isVisible() and not control.objectName().startswith("_q"):
            assert control.objectName(), control
            assert control.accessibleName() or control.text(), control.objectName()
    said = browse.offers.data(browse.offers.index(7), Qt.ItemDataRole.AccessibleTextRole)
    assert "FLUX.1 schnell" in said
    assert "licence to accept" in said
    assert QAccessible.queryAccessibleInterface(browse.view).childCount() == len(curated())
    theme.deleteLater()
