"""The whole app, driven through its window's accessible names, with the real engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image
from psygnal import EmitLoopError
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.app import App
from studio.core.errors import CannotWrite
from studio.core.request import Request
from studio.imaging.metadata import read_record
from studio.library.folders import Folders
from studio.session.message import Message
from studio.ui.canvas import CanvasView
from studio.ui.messagebar import MessageBar
from studio.ui.strip import TrajectoryStrip

W = TypeVar("W", bound=QWidget)
LONG = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier


class Person:
    """Finds things by the names a screen reader reads, and does what a hand would do."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folders = Folders(folder / "pictures", folder / "data")
        self.start()

    def start(self) -> None:
        self.app = App(self.folders, "cpu")
        self.window = self.app.window
        self.session = self.app.session
        self.app.show()
        self.qtbot.waitUntil(lambda: bool(self.session.models), timeout=LONG)

    def take_long(self) -> None:
        """Set up a run that is still going when a hand on a slow machine gets to it."""
        settings = self.session.settings
        settings.steps, settings.batch = 1000, 16
        settings.width = settings.height = 256

    def quit(self) -> None:
        self.window.close()
        assert self.app.close()
        self.window.deleteLater()
        assert not [t for t in threading.enumerate() if t.name.startswith("studio")]

    def find(self, kind: type[W], name: str) -> W:
        found = [w for w in self.window.findChildren(kind) if w.accessibleName() == name]
        assert len(found) == 1, f"{len(found)} widgets are called {name}"
        return found[0]

    def click(self, name: str) -> None:
        button = self.find(QAbstractButton, name)
        assert button.isVisible()
        assert button.isEnabled(), f"{name} cannot be clicked"
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def type(self, name: str, text: str) -> None:
        field = self.find(QPlainTextEdit, name)
        field.selectAll()
        self.qtbot.keyClicks(field, text)

    def until(self, true: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(true, timeout=LONG)

    def idle(self) -> None:
        self.until(lambda: not self.session.queue.active)

    def paint(self) -> None:
        """A stroke across the middle of the picture."""
        canvas = self.find(CanvasView, "Canvas")
        canvas.setFocus()
        self.qtbot.keyClick(canvas, Qt.Key.Key_B)
        middle = canvas.rect().center()
        left = Qt.MouseButton.LeftButton
        self.qtbot.mousePress(canvas, left, pos=middle - QPoint(40, 0))
        for x in range(-40, 41, 8):
            self.qtbot.mouseMove(canvas, middle + QPoint(x, 0))
        self.qtbot.mouseRelease(canvas, left, pos=middle + QPoint(40, 0))

    @property
    def files(self) -> list[Path]:
        return sorted(self.folders.pictures.rglob("*.png"))


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path) -> Iterator[Person]:
    person = Person(qtbot, tmp_path)
    settings = person.session.settings
    settings.model = "toy"
    settings.width = settings.height = 64
    settings.random_seed = False
    settings.seed = 7
    yield person
    person.quit()


def test_from_a_prompt_to_a_filled_picture(person: Person) -> None:
    person.type("Prompt", "a red picture")
    person.qtbot.keyClick(person.find(QPlainTextEdit, "Prompt"), Qt.Key.Key_Return, modifier=CTRL)
    person.idle()
    assert len(person.files) == 1
    first = np.array(Image.open(person.files[0]))
    document = person.session.document
    assert document.picture is not None
    assert np.array_equal(document.picture.pixels, first)

    strip = person.find(TrajectoryStrip, "Trajectory")
    film = strip.focusProxy()
    person.qtbot.keyClick(film, Qt.Key.Key_Home)
    assert person.session.viewing.step == 0
    for _ in range(3):
        person.qtbot.keyClick(film, Qt.Key.Key_Right)
    assert person.session.viewing.step == 3
    run = person.session.viewing.run
    assert run is not None
    person.until(lambda: person.session.sights.sharp)

    person.paint()
    assert document.mask is not None
    assert person.session.action == "fill"
    person.type("Prompt", "blue")
    person.click("Fill")
    person.idle()
    assert len(person.files) == 2
    person.click("Accept")
    filled = document.picture.pixels
    changed = (filled != first).any(axis=2)
    assert changed.any()
    assert not changed.all()
    record = read_record(person.files[1])
    assert record.mask is not None
    assert record.source is not None
    person.click("Undo")
    assert document.picture is not None
    assert np.array_equal(document.picture.pixels, first)
    assert document.mask is not None


def test_cancel_in_the_middle_keeps_the_steps_and_the_next_run_works(person: Person) -> None:
    person.take_long()
    person.click("Generate")
    person.until(lambda: len(person.session.queue.active[0].previews) > 2)
    run = person.session.queue.active[0]
    person.click("Cancel")
    person.idle()
    assert run.state == "stopped"
    assert 2 < len(run.previews) < 1000
    assert not person.files
    person.session.settings.steps, person.session.settings.batch = 4, 1
    person.click("Generate")
    person.idle()
    assert len(person.files) == 1


def test_closing_during_a_run_and_starting_again_brings_everything_back(person: Person) -> None:
    person.type("Prompt", "white and blue")
    person.click("Generate")
    person.idle()
    person.paint()
    mask = person.session.document.mask
    picture = person.session.document.picture
    assert mask is not None
    assert picture is not None
    person.take_long()
    person.click("Fill")
    person.until(lambda: bool(person.session.queue.active[0].previews))
    person.quit()
    person.start()
    person.until(lambda: person.session.document.picture is not None)
    again = person.session
    assert again.settings.prompt == "white and blue"
    assert again.settings.model == "toy"
    assert again.settings.steps == 1000
    assert again.document.picture is not None
    assert np.array_equal(again.document.picture.pixels, picture.pixels)
    assert again.document.mask is not None
    assert np.array_equal(again.document.mask.pixels, mask.pixels)
    assert len(again.past.entries) == 1


def test_generate_before_the_engine_is_awake_waits_its_turn(qtbot: QtBot, tmp_path: Path) -> None:
    folders = Folders(tmp_path / "pictures", tmp_path / "data")
    app = App(folders, "cpu")
    app.window.show()
    app.session.settings.model = "toy"
    app.session.settings.width = app.session.settings.height = 64
    app.session.generate()
    app.engine.start()
    qtbot.waitUntil(lambda: not app.session.queue.active, timeout=LONG)
    assert len(list(folders.pictures.rglob("*.png"))) == 1
    app.window.close()
    assert app.close()
    app.window.deleteLater()


def test_a_failing_run_is_told_in_the_message_bar(person: Person) -> None:
    person.session.queue.backend.submit(Request(replace(person.session.recipe(), model="gone")))
    bar = person.find(MessageBar, "Message")
    person.until(bar.isVisible)
    assert "gone" in bar.text.text()


def test_a_picture_that_is_none_is_told_in_the_message_bar(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "not a picture.png"
    path.write_text("words")
    person.session.open_file(path)
    person.until(person.window.stage.messages.isVisible)
    assert person.session.document.picture is None


def test_an_error_inside_a_signal_is_told_in_its_own_words(person: Person) -> None:
    messages: list[Message] = []
    person.session.said.connect(lambda message: messages.append(message))

    def refuse() -> None:
        raise CannotWrite("The disk is full.", "Make room.")

    person.session.brought.connect(refuse)
    with pytest.raises(EmitLoopError) as caught:
        person.session.brought.emit()
    person.app.report(caught.type, caught.value, caught.tb)
    assert (messages[-1].text, messages[-1].hint) == ("The disk is full.", "Make room.")
