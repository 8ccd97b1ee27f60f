from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.files.hashing import to_hash
from studio.session import collection
from studio.session.message import Message
from studio.session.session import Session
from studio.ui.bridge import Errands
from studio.ui.models.folders import FolderBar
from studio.ui.models.page import ModelsPage
from tests.models.files.fixtures import kohya, sdxl, write
from tests.models.test_catalogue import make
from tests.session.scripted import new_session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    make(folder / "waves")
    write(folder / "loras" / "ink.safetensors", kohya(2048))
    write(folder / "broken.safetensors", sdxl())
    (folder / "broken.safetensors").write_bytes(b"nothing")
    return folder


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    session = new_session()
    errands = Errands()
    session.collection.start(
        Catalogue(Folders(tmp_path / "pictures", tmp_path / "data")), errands.post
    )
    yield session
    assert session.collection.close(10)


@pytest.fixture
def quiet(session: Session, qtbot: QtBot) -> Callable[[], None]:
    """Waits until everything is looked through and hashed."""

    def wait() -> None:
        collection = session.collection

        def done() -> bool:
            return not (collection.looking or collection.hashing or to_hash(collection.files))

        qtbot.waitUntil(done)

    return wait


@pytest.fixture
def page(session: Session, qtbot: QtBot, quiet: Callable[[], None]) -> ModelsPage:
    page = ModelsPage(session)
    qtbot.addWidget(page)
    quiet()
    return page


def titles(page: ModelsPage) -> list[str]:
    return [row if isinstance(row, str) else row.title for row in page.yours.view.list.shown]


def test_a_folder_is_added_shown_searched_and_removed(
    page: ModelsPage, session: Session, folder: Path, quiet: Callable[[], None]
) -> None:
    bar = page.yours.folders
    bar.ask = lambda: folder
    bar.add.click()
    quiet()
    shown = titles(page)
    assert shown[-4:] == ["LoRAs", "ink", "Cannot be used", "broken"]
    assert "waves" in shown
    page.yours.search.setText("INK sdxl")
    assert titles(page) == ["LoRAs", "ink"]
    page.yours.search.setText("no such thing")
    assert not page.yours.empty.isHidden()
    page.yours.search.clear()
    remove = bar.findChild(QPushButton, "model_folder_add")
    assert remove is bar.add
    session.collection.remove_folder(folder)
    quiet()
    assert "ink" not in titles(page)


def test_what_is_known_of_the_chosen_file_is_shown(
    page: ModelsPage, session: Session, folder: Path, quiet: Callable[[], None], qtbot: QtBot
) -> None:
    session.collection.add_folder(folder)
    quiet()
    page.yours.search.setText("ink")
    details = page.yours.details
    assert details.title.text() == "ink"

    def told() -> dict[str, str]:
        return {label.accessibleName(): label.text() for label in details.findChildren(QLabel)}

    qtbot.waitUntil(lambda: "Hash" in told())  # computed in the background
    values = told()
    assert values["Family"] == "SDXL"
    assert values["Kind"] == "LoRA · kohya"
    assert len(values["Hash"]) == 10
    assert details.use_button.isHidden()
    page.yours.search.setText("broken")
    assert "too short" in details.problem.text()


def test_a_model_is_used_from_the_page(
    page: ModelsPage, session: Session, folder: Path, quiet: Callable[[], None]
) -> None:
    session.collection.add_folder(folder)
    quiet()
    page.yours.search.setText("waves")
    page.yours.details.use_button.click()
    assert session.settings.model == "waves"


def test_keys_go_over_the_headings(
    page: ModelsPage, session: Session, folder: Path, quiet: Callable[[], None], qtbot: QtBot
) -> None:
    session.collection.add_folder(folder)
    quiet()
    view = page.yours.view
    seen = []
    for _ in range(len(titles(page))):
        chosen = view.chosen
        assert chosen is not None
        seen.append(chosen.title)
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert [title for title in titles(page) if title in seen] == list(dict.fromkeys(seen))
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.chosen is not None


def test_programs_in_their_usual_places_are_offered(
    session: Session, qtbot: QtBot, tmp_path: Path, quiet: Callable[[], None]
) -> None:
    write(tmp_path / "home/ComfyUI/models/checkpoints/a.safetensors", sdxl())
    bar = FolderBar(session.collection, home=tmp_path / "home")
    qtbot.addWidget(bar)
    use = bar.findChild(QPushButton, "model_folder_use_0")
    assert use is not None
    assert use.accessibleName() == "Use the models of ComfyUI"
    use.click()
    quiet()
    assert [file.path.name for file in session.collection.files] == ["a.safetensors"]
    assert session.collection.folders == (tmp_path / "home/ComfyUI",)


def test_a_pickled_checkpoint_is_converted_from_the_page(
    page: ModelsPage, session: Session, tmp_path: Path, quiet: Callable[[], None], qtbot: QtBot
) -> None:
    messages: list[Message] = []
    session.said.connect(lambda message: messages.append(message))
    folder = tmp_path / "old"
    folder.mkdir()
    torch.save({"emb_params": torch.ones(2, 768)}, folder / "word.pt")
    session.collection.add_folder(folder)
    quiet()
    page.yours.search.setText("word.pt")
    assert not page.yours.details.convert_button.isHidden()
    page.yours.details.convert_button.click()
    qtbot.waitUntil(lambda: bool(messages))
    quiet()
    assert messages[0].text == "word.safetensors is written."
    assert (folder / "word.safetensors").is_file()
    page.yours.search.setText("old word.")
    qtbot.waitUntil(lambda: titles(page).count("word") == 2)


def test_a_model_that_was_added_by_itself_is_forgotten(
    page: ModelsPage, session: Session, folder: Path, quiet: Callable[[], None], qtbot: QtBot
) -> None:
    messages: list[Message] = []
    session.said.connect(lambda message: messages.append(message))
    bar = page.yours.folders
    bar.ask_file = lambda: folder / "waves"
    bar.add_file.click()
    qtbot.waitUntil(lambda: bool(messages))
    quiet()
    assert messages[-1].text == "waves is added."
    page.yours.search.setText("waves")
    page.yours.details.forget_button.click()
    quiet()
    assert "waves" not in [info.name for info in session.models]
    assert (folder / "waves" / "model_index.json").exists()
    bar.ask_file = lambda: folder / "broken.safetensors"
    bar.add_file.click()
    qtbot.waitUntil(lambda: len(messages) == 2)
    quiet()
    assert "no whole safetensors file" in messages[1].text


def test_new_files_are_seen_when_the_person_comes_back(
    page: ModelsPage,
    session: Session,
    folder: Path,
    quiet: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.collection.add_folder(folder)
    quiet()
    write(folder / "loras" / "later.safetensors", kohya())
    session.collection.glance()
    assert not session.collection.looking  # it has only just looked
    monkeypatch.setattr(collection, "FRESH", 0.0)
    session.collection.glance()
    quiet()
    assert "later" in titles(page)
