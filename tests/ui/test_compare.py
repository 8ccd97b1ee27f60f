"""Two pictures on the canvas: behind a divider, beside each other, by turns."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.core.picture import Picture
from studio.session.panes import Pane, Still
from studio.session.session import Session
from studio.ui.stage import Stage
from tests.session.scripted import new_session, picture
from tests.session.test_comparison import made

LEFT = Qt.MouseButton.LeftButton
RED, BLUE = (200, 30, 30), (30, 30, 200)


def flat(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Picture:
    return Picture(np.full((height, width, 3), colour, np.uint8))


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.desk.bring(flat(RED), "red.png")
    return session


@pytest.fixture
def stage(session: Session, qtbot: QtBot) -> Stage:
    stage = Stage(session)
    qtbot.addWidget(stage)
    stage.resize(1000, 700)
    with qtbot.waitExposed(stage):
        stage.show()
    return stage


def colour(widget: QWidget, x: float, y: float = 0.3) -> tuple[int, int, int]:
    """Of the widget as it is painted, at a place given as shares of its sides."""
    image = widget.grab().toImage()
    found = QColor(image.pixelColor(round(x * (image.width() - 1)), round(y * image.height())))
    return found.red(), found.green(), found.blue()


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    kind, none = QEvent.Type, Qt.MouseButton.NoButton
    for what, place, button, held in (
        (kind.MouseMove, start, none, none),
        (kind.MouseButtonPress, start, LEFT, LEFT),
        (kind.MouseMove, end, none, LEFT),
        (kind.MouseButtonRelease, end, LEFT, none),
    ):
        at = QPointF(place)
        event = QMouseEvent(
            what, at, QPointF(widget.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(widget, event)


def divider(stage: Stage) -> QPoint:
    canvas = stage.canvas
    return QPoint(round(stage.compare.curtain._divider / canvas.devicePixelRatioF()), 200)


def test_a_divider_shows_one_on_each_side_and_follows_the_pointer(
    stage: Stage, session: Session
) -> None:
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    canvas, curtain = stage.canvas, stage.compare.curtain
    assert colour(canvas, 0.35) == RED
    assert colour(canvas, 0.65) == BLUE
    at = divider(stage)
    assert curtain.hover(QPointF(at) * canvas.devicePixelRatioF()) == Qt.CursorShape.SplitHCursor
    drag(canvas, at, at + QPoint(180, 0))
    assert divider(stage).x() == pytest.approx(at.x() + 180, abs=2)
    assert colour(canvas, 0.65) == RED


def test_what_is_of_another_shape_does_not_look_out_from_under_it(
    stage: Stage, session: Session
) -> None:
    session.comparison.start(Still(flat(BLUE, 30, 48), "tall.png"))
    stage.compare.curtain.move_to(0.0)
    seen = {colour(stage.canvas, x / 20) for x in range(21)}
    assert RED not in seen
    assert BLUE in seen


def test_keys_move_the_divider_and_otherwise_the_picture(
    stage: Stage, session: Session, qtbot: QtBot
) -> None:
    canvas, curtain = stage.canvas, stage.compare.curtain
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    canvas.setFocus()
    view = canvas.view
    for key, modifier, share in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.52),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 0.42),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.0),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 1.0),
    ):
        qtbot.keyClick(canvas, key, modifier)
        assert curtain.share == pytest.approx(share)
    assert canvas.view == view
    session.comparison.stop()
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.view != view


def test_nothing_is_painted_while_comparing(stage: Stage, session: Session) -> None:
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    before = stage.canvas.view
    middle = stage.canvas.rect().center()
    drag(stage.canvas, middle + QPoint(60, 60), middle + QPoint(120, 110))
    assert not session.document.has_mask
    assert stage.canvas.view != before  # it moved the picture instead
    session.comparison.stop()
    drag(stage.canvas, middle + QPoint(10, 10), middle + QPoint(60, 40))
    assert session.document.has_mask


def test_a_brush_leaves_at_once_from_under_a_pointer_that_rests(
    stage: Stage, session: Session
) -> None:
    canvas = stage.canvas
    drag(canvas, QPoint(300, 200), QPoint(320, 210))
    session.document.undo()
    painting = canvas.cursor().shape()
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    session.comparison.stop()
    assert canvas.cursor().shape() == painting


def test_a_drag_that_is_broken_off_leaves_the_divider(stage: Stage, session: Session) -> None:
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    curtain = stage.compare.curtain
    at = QPointF(divider(stage)) * stage.canvas.devicePixelRatioF()
    curtain.press(at, Qt.KeyboardModifier.NoModifier)
    curtain.move(at + QPointF(100, 0), Qt.KeyboardModifier.NoModifier)
    assert curtain.share > 0.5
    curtain.cancel()
    assert curtain.share == 0.5


def test_side_by_side_both_are_zoomed_and_moved_together(
    stage: Stage, session: Session, qtbot: QtBot
) -> None:
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    session.comparison.set_mode("side")
    QApplication.processEvents()
    canvas, side = stage.canvas, stage.compare.side
    assert side.isVisible()
    assert abs(canvas.width() - side.width()) <= 2
    assert (colour(canvas, 0.5), colour(side, 0.5)) == (RED, BLUE)
    assert side.view == canvas.view
    canvas.zoom_to(canvas.zoom * 3, 50, 50)
    assert side.view == canvas.view
    drag(side, QPoint(60, 60), QPoint(90, 100))
    assert side.view == canvas.view
    session.comparison.set_mode("wipe")
    assert not side.isVisible()


def test_blinking_takes_turns_and_ends_with_the_comparison(
    stage: Stage, session: Session, qtbot: QtBot
) -> None:
    session.comparison.set_mode("blink")
    session.comparison.set_rate(2.0)
    session.comparison.start(Still(flat(BLUE), "blue.png"))
    seen = set()

    def both() -> bool:
        seen.add(colour(stage.canvas, 0.5))
        return {RED, BLUE} <= seen

    qtbot.waitUntil(both, timeout=5000)
    session.comparison.stop()
    assert colour(stage.canvas, 0.5) == RED
    assert not stage.compare._blink.isActive()


def test_the_bar_says_how_and_with_what(stage: Stage, session: Session, qtbot: QtBot) -> None:
    bar, comparison = stage.compare_bar, session.comparison
    assert bar.isHidden()
    short, long = made(session, 20), made(session, 50)
    session.viewing.discard()
    session.viewing.select(long, 20)
    comparison.start(Pane(short.id))
    assert bar.isVisible()
    assert bar.words.text() == "Step 20 of 50 ≙ step 8 of 20 · σ 0.80"
    assert "not the end" in bar.words.toolTip()
    assert bar.words.toolTip().startswith(bar.words.text())
    assert bar.words.brief == "20/50 ≙ 8/20 · σ 0.80"
    qtbot.mouseClick(bar.modes["side"], LEFT)
    assert comparison.mode == "side"
    qtbot.mouseClick(bar.modes["side"], LEFT)
    assert bar.modes["side"].isChecked()
    comparison.set_mode("blink")
    assert bar.modes["blink"].isChecked()
    assert bar.rate.isVisible()
    bar.rate.setCurrentIndex(0)
    bar.rate.activated.emit(0)
    assert comparison.rate == 0.5
    bar.view.setCurrentIndex(bar.view.findData("noise"))
    bar.view.activated.emit(bar.view.currentIndex())
    assert comparison.place is not None
    assert comparison.place.view == "noise"
    comparison.show(None)
    assert bar.view.currentData() is None
    assert not bar.step.isVisible()
    qtbot.mouseClick(bar.link, LEFT)
    assert not comparison.follows
    assert bar.step.value() == 8
    bar.step.setValue(3)
    assert comparison.place.step == 3
    qtbot.mouseClick(bar.swap, LEFT)
    assert (session.viewing.run, session.viewing.step) == (short, 3)
    menu = bar.other.menu()
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert comparison.other == Pane(short.id, 3, "x0", 0)
    qtbot.mouseClick(bar.close_button, LEFT)
    assert not comparison.on
    assert bar.isHidden()


def test_the_menu_offers_the_picture_and_the_runs_newest_first(
    stage: Stage, session: Session
) -> None:
    session.settings.prompt = "a very long description of a lighthouse by the sea at sunset"
    short, long = made(session, 4), made(session, 8)
    session.viewing.discard()
    session.viewing.select(long, 2)
    session.comparison.start()
    menu = stage.compare_bar.other.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()]
    assert texts[:3] == ["What A shows now", "The picture: red.png", "This run · 8 steps"]
    assert texts[3].endswith("… · 4 steps")
    menu.actions()[3].trigger()
    assert session.comparison.other == Pane(short.id)
    menu.actions()[1].trigger()
    assert isinstance(session.comparison.other, Still)


def test_a_run_that_is_gone_is_said_to_be_so(stage: Stage, session: Session) -> None:
    short, long = made(session, 4), made(session, 8)
    session.viewing.discard()
    session.viewing.select(long, 2)
    session.comparison.start(Pane(short.id))
    del session.queue.runs[short.id]
    session.select_step(3)
    assert stage.compare_bar.words.text() == "That run is no longer here."
    assert stage.canvas.shown is not None


def test_a_heat_map_has_its_scale_beside_it(stage: Stage, session: Session) -> None:
    from studio.core.events import Looked

    run = made(session, 4)
    session.viewing.discard()
    session.viewing.show("change")
    assert stage.compare.legends[0].scale == 0.0
    session.receive(Looked(run.id, 3, 0, picture(9, 64, 48), "change", False, 1.5))
    assert stage.compare.legends[0].scale == 1.5
    with_scale = stage.canvas.grab().toImage()
    stage.compare.legends[0].scale = 0.0
    stage.canvas.update()
    assert stage.canvas.grab().toImage() != with_scale
    session.viewing.show("x0")
    assert stage.compare.legends[0].scale == 0.0


def test_every_control_has_a_name(stage: Stage) -> None:
    bar = stage.compare_bar
    for control in (
        *bar.modes.values(), bar.rate, bar.other, bar.view, bar.link, bar.step, bar.swap,
        bar.close_button, stage.compare.side, stage.compare,
    ):  # fmt: skip
        assert control.objectName()
        assert control.accessibleName()
