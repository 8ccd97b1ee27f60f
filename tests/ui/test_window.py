from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.core.errors import CannotWrite
from studio.core.events import Awake, Catalogued, Finished, Result
from studio.core.record import Record
from studio.core.wishes import Look
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session.message import Message
from studio.session.pen import Tool
from studio.session.session import Session
from studio.ui.window import Window
from tests.session.scripted import LARGE, STARTER, Scripted, asked, mask_for, picture, play

CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[], Window]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Opens windows on one home, one after the other, as starts of the program are."""
    folders = Folders(tmp_path / "pictures", tmp_path / "data")
    library = Library(folders)

    def make() -> Window:
        session = Session(Scripted(), library)
        window = Window(session, folders)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        session.receive(Awake("cpu", "CPU"))
        session.receive(Catalogued((STARTER, LARGE)))
        qtbot.wait(1)
        return window

    yield make
    library.close()


@pytest.fixture
def window(open_window: Open) -> Window:
    return open_window()


def test_type_and_press_ctrl_enter(window: Window, qtbot: QtBot) -> None:
    assert window.panel.prompt.hasFocus()
    qtbot.keyClicks(window.panel.prompt, "a red lighthouse")
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_Return, CTRL)
    (request,) = asked(window.session)
    assert request.recipe.prompt == "a red lighthouse"
    assert window.session.settings.prompt == "a red lighthouse"


def test_escape_cancels_then_goes_back_then_dismisses(window: Window, qtbot: QtBot) -> None:
    session = window.session
    run = session.generate()
    assert run is not None
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_Escape)
    assert run.stopping
    play(session, "run1")
    session.select_step(2)
    session.say(Message("Something.", kind="error"))
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_Escape)
    assert session.viewing.step is None
    assert window.stage.messages.isVisible()
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_Escape)
    assert not window.stage.messages.isVisible()


def test_steps_arrive_in_the_strip_and_can_be_looked_at(window: Window, qtbot: QtBot) -> None:
    session = window.session
    session.generate()
    play(session, "run1")
    strip = window.steps.strip
    strip.film.setFocus()
    qtbot.keyClick(strip.film, Qt.Key.Key_Home)
    assert session.viewing.step == 0
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    qtbot.waitUntil(lambda: Look("run1", 0) in backend.wishes)
    qtbot.keyClick(strip.film, Qt.Key.Key_Right)
    assert session.viewing.step == 1
    strip.branch_requested.emit(1)
    window.steps.branch_box.go.click()
    assert asked(session)[1].fork is not None


def test_painting_on_a_result_makes_the_next_run_a_fill(window: Window, qtbot: QtBot) -> None:
    session, canvas = window.session, window.stage.canvas
    session.generate()
    play(session, "run1")
    middle = canvas.rect().center()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(20, 0))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(20, 0))
    assert session.action == "fill"
    assert window.panel.generate_bar.generate.text() == "Fill"
    qtbot.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    assert session.action == "generate"


def test_painting_on_an_offered_result_takes_it_first(window: Window, qtbot: QtBot) -> None:
    session, canvas = window.session, window.stage.canvas
    session.desk.bring(picture(1), "photo.jpg")
    session.generate()
    (result,) = play(session, "run1")
    assert window.stage.results.isVisible()
    middle = canvas.rect().center()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle)
    assert session.document.picture is result.picture
    assert session.action == "fill"


def test_backslash_compares_while_it_is_held(window: Window, qtbot: QtBot) -> None:
    session, canvas = window.session, window.stage.canvas
    session.desk.bring(picture(1), "photo.jpg")
    session.generate()
    play(session, "run1")
    canvas.setFocus()
    qtbot.keyPress(canvas, Qt.Key.Key_Backslash)
    assert session.viewing.shown is None
    qtbot.keyRelease(canvas, Qt.Key.Key_Backslash)
    assert session.viewing.shown is not None


def test_a_picture_is_pasted_unless_text_is_being_written(window: Window, qtbot: QtBot) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    qtbot.keyClick(window.stage.canvas, Qt.Key.Key_V, CTRL)
    pasted = window.session.document.picture
    assert pasted is not None
    assert tuple(pasted.pixels[0, 0][:3]) == (255, 0, 0)
    assert window.session.action == "refine"
    QGuiApplication.clipboard().setText("a boat")
    window.panel.prompt.setFocus()
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_V, CTRL)
    assert window.session.settings.prompt == "a boat"
    assert window.session.document.picture is pasted


def test_a_picture_is_pasted_from_within_the_prompt(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.save(str(tmp_path / "copied.png"))
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(tmp_path / "copied.png"))])
    QGuiApplication.clipboard().setImage(image)
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_V, CTRL)
    assert window.session.document.name == "Pasted picture"
    QGuiApplication.clipboard().setMimeData(copied)
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_V, CTRL)
    assert window.session.document.name == "copied.png"
    assert window.session.settings.prompt == ""


def test_a_message_is_gone_when_the_next_run_is_asked_for(window: Window) -> None:
    window.session.say(Message("The disk is full.", kind="error"))
    assert window.stage.messages.isVisible()
    window.session.generate()
    assert not window.stage.messages.isVisible()


def test_dropping_what_is_no_picture_is_said(window: Window) -> None:
    window.stage.canvas.image_dropped.emit(QImage())
    assert window.stage.messages.isVisible()
    assert window.session.document.picture is None


def test_tools_are_at_hand_where_nothing_is_written(window: Window, qtbot: QtBot) -> None:
    pen = window.stage.canvas.pen
    qtbot.keyClick(window.panel.generate_bar.generate, Qt.Key.Key_E)
    assert pen.tool is Tool.ERASER
    qtbot.keyClick(window.panel.prompt, Qt.Key.Key_B)
    assert pen.tool is Tool.ERASER
    assert window.session.settings.prompt == "b"


def test_a_copied_file_is_pasted_as_the_file(window: Window, tmp_path: Path) -> None:
    QImage(40, 30, QImage.Format.Format_RGB32).save(str(tmp_path / "copied.png"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "copied.png"))])
    QGuiApplication.clipboard().setMimeData(data)
    window.stage.paste()
    assert window.session.document.name == "copied.png"
    assert window.windowTitle().startswith("copied.png")


def test_an_empty_clipboard_is_said(window: Window) -> None:
    QGuiApplication.clipboard().clear()
    window.stage.paste()
    assert window.stage.messages.isVisible()


def test_a_dropped_file_is_opened_and_a_broken_one_said(window: Window, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    window.stage.canvas.files_dropped.emit([str(broken)])
    assert window.stage.messages.isVisible()
    assert window.session.document.picture is None
    good = tmp_path / "good.png"
    QImage(40, 30, QImage.Format.Format_RGB32).save(str(good))
    window.stage.canvas.files_dropped.emit([str(good)])
    assert window.session.document.name == "good.png"


def test_everything_comes_back_at_the_next_start(open_window: Open, qtbot: QtBot) -> None:
    first = open_window()
    first.session.settings.prompt = "a boat"
    first.session.settings.steps = 33
    photo = picture(9, 40, 30)
    first.session.desk.bring(photo, "photo.jpg")
    first.session.document.set_mask(mask_for(photo))
    first.theme.set_mode("dark")
    first.stage.canvas.pen.size = 77.0
    first.docks[2].close()
    first.resize(780, 640)
    first.close()
    second = open_window()
    assert second.panel.prompt.toPlainText() == "a boat"
    assert second.session.settings.steps == 33
    qtbot.waitUntil(lambda: second.session.document.picture is not None)
    assert second.session.document.picture is not None
    assert np.array_equal(second.session.document.picture.pixels, photo.pixels)
    assert second.session.action == "fill"
    assert (second.theme.mode, second.docks[2].isVisible()) == ("dark", False)
    assert second.size() == first.size()
    qtbot.waitUntil(lambda: second.stage.canvas.pen.size == 77.0)


def test_settings_are_kept_while_working(open_window: Open, qtbot: QtBot) -> None:
    first = open_window()
    first._autosave.setInterval(1)
    first.session.settings.prompt = "not lost"
    qtbot.waitUntil(lambda: not first._autosave.isActive())
    second = open_window()
    assert second.session.settings.prompt == "not lost"


def test_a_damaged_state_starts_afresh(open_window: Open, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    (data / "state.json").write_text('{"window": {"geometry": "?!", "theme": 3}, "session": []}')
    assert open_window().session.settings.prompt == ""


@pytest.mark.parametrize("value", ["NaN", "1e999", "1" + "0" * 400])
def test_numbers_that_are_none_do_not_keep_the_window_shut(
    open_window: Open, qtbot: QtBot, tmp_path: Path, value: str
) -> None:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    brush = f'{{"size": {value}, "hardness": {value}}}'
    settings = f'{{"prompt": "a boat", "strength": {value}, "fill_strength": {value}}}'
    (data / "state.json").write_text(
        f'{{"window": {{"brush": {brush}}}, "session": {{"settings": {settings}}}}}'
    )
    window = open_window()
    assert window.session.settings.prompt == "a boat"
    assert window.session.why_not is None
    assert 0 < window.stage.canvas.pen.size < 1e4


def test_closing_in_the_middle_of_a_run_is_quiet(window: Window) -> None:
    window.session.generate()
    play(window.session, "run1", finish=False)
    assert window.close()
    assert not window.isVisible()


def test_finished_pictures_appear_in_the_history(window: Window) -> None:
    session = window.session
    run = session.generate()
    assert run is not None
    assert window.history.grid.empty.isVisible()
    record = Record(run.recipe, "run1")
    path = session.library.save(picture(5), record)
    play(session, "run1", finish=False)
    session.receive(Finished("run1", (Result(picture(5), path, record),), 1.0))
    assert window.history.grid.list.rowCount() == 1
    assert not window.history.grid.empty.isVisible()


def test_batches_are_walked_with_alt_and_arrows(window: Window, qtbot: QtBot) -> None:
    session = window.session
    session.settings.batch = 3
    run = session.generate()
    assert run is not None
    play(session, "run1")
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(window.stage.canvas, Qt.Key.Key_Right, alt)
    assert run.image == 1
    qtbot.keyClick(window.stage.canvas, Qt.Key.Key_Left, alt)
    qtbot.keyClick(window.stage.canvas, Qt.Key.Key_Left, alt)
    assert run.image == 2


def test_the_page_of_keys_opens_and_closes(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    page = window.findChild(QWidget, "shortcut_page")
    assert isinstance(page, QWidget)
    assert page.isVisible()
    page.close()


def test_everything_can_be_reached_with_tab(window: Window, qtbot: QtBot) -> None:
    seen: set[str] = set()
    for _ in range(120):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert {"prompt", "negative_prompt", "generate", "steps", "seed", "canvas", "history"} <= seen


def test_every_button_and_field_has_a_name(window: Window) -> None:
    for kind in (QAbstractButton, QPlainTextEdit, QDockWidget):
        for widget in window.findChildren(kind):
            qt_own = widget.objectName().startswith("qt_")
            assert qt_own or widget.accessibleName() or widget.windowTitle(), widget


def test_the_window_loads_nothing_heavy() -> None:
    code = (
        "import sys, studio.ui.window\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'cv2', 'scipy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_closing_waits_for_a_save_and_stays_if_it_fails(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    import threading

    from studio.ui.bridge import Errands

    clerk, errands, gate = window.session.clerk, Errands(), threading.Event()
    clerk.start(errands.post)

    def failing() -> None:
        gate.wait(10)
        raise CannotWrite("The disk is full.", "Make room.")

    def told(outcome: object) -> None:
        if isinstance(outcome, CannotWrite):
            window.session.say(Message.of(outcome))

    clerk.do("save", "Saving a.png…", failing, told)
    window.close()
    assert window.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: not clerk.saving)
    qtbot.wait(10)
    assert window.isVisible()
    assert window.stage.messages.text.text() == "The disk is full."
    window.stage.messages.clear()
    gate.clear()
    clerk.do("save", "Saving a.png…", lambda: gate.wait(10), told)
    window.close()
    assert window.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert clerk.close(10)


def test_a_steps_menu_compares_with_it(window: Window) -> None:
    session = window.session
    session.generate()
    play(session, "run1")
    session.select_step(3)
    menu = window.steps.strip.menu(1)
    action = next(action for action in menu.actions() if "Compare" in action.text())
    action.trigger()
    menu.deleteLater()
    place = session.comparison.place
    assert place is not None
    assert (place.run, place.step) == ("run1", 1)
    assert window.stage.compare_bar.isVisible()
    window.actions_.escape()
    assert not session.comparison.on
    window.actions_.viewer.modes["side"].trigger()
    assert (session.comparison.on, session.comparison.mode) == (True, "side")
    window.actions_.viewer.next.trigger()
    assert session.comparison.mode == "blink"
    session.comparison.stop()


def test_extending_is_switched_from_the_menu(window: Window) -> None:
    framing, action = window.session.desk.framing, window.actions_.extend
    assert not action.isEnabled()
    window.session.desk.bring(picture(), "photo.png")
    action.trigger()
    assert framing.extending
    assert action.isChecked()
    assert window.panel.extend.is_open
    window.panel.extend.head.click()
    assert not framing.extending
    assert not action.isChecked()
