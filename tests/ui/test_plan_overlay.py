"""The plan and the margins on the canvas: seen, and dragged."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.events import Plan, Started
from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Mask
from studio.ui.handles import grips
from studio.ui.plan_overlay import placed
from studio.ui.stage import Stage
from tests.session.scripted import new_session, picture, stepped

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage(new_session())
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    made.session.desk.bring(picture(90, 600, 400), "photo.png")
    return made


def paint(stage: Stage, box: Box) -> None:
    pixels = np.zeros((400, 600), np.uint8)
    pixels[box.rows, box.columns] = 255
    stage.session.document.set_mask(Mask(pixels))
    stage.plan.refresh()


def drag(stage: Stage, start: QPointF, by: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    canvas, ratio = stage.canvas, stage.canvas.devicePixelRatioF()
    places = [(start + by * part) / ratio for part in (0, 0.5, 1)]
    QTest.mousePress(canvas, LEFT, keys, places[0].toPoint())
    for place in places[1:]:
        QTest.mouseMove(canvas, place.toPoint())
    QTest.mouseRelease(canvas, LEFT, keys, places[-1].toPoint())


def test_what_is_planned_is_seen_and_can_be_hidden(stage: Stage) -> None:
    blank = stage.canvas.grab().toImage()
    paint(stage, Box(200, 150, 60, 40))
    assert stage.plan.plan == stage.session.planner.plan
    planned = stage.canvas.grab().toImage()
    stage.session.settings.show_plan = False
    assert stage.plan.plan is None
    bare = stage.canvas.grab().toImage()
    assert planned != bare
    assert bare != blank


def test_dragging_an_edge_chooses_the_box_and_paints_nothing(stage: Stage) -> None:
    paint(stage, Box(200, 150, 60, 40))
    session, canvas = stage.session, stage.canvas
    plan = session.planner.plan
    assert plan is not None
    before = session.document.mask
    rect = placed(plan.box, Margins(), canvas.view)
    drag(stage, grips(rect, 1.0)["r"], QPointF(60 * canvas.zoom, 0))
    box = session.desk.framing.box
    assert box is not None
    assert abs(box.right - plan.box.right - 60) <= 1
    assert (box.x, box.y, box.height) == (plan.box.x, plan.box.y, plan.box.height)
    assert session.document.mask is before
    assert stage.plan.plan is not None
    assert stage.plan.plan.box == box


def test_escape_puts_the_box_back_and_a_double_click_makes_it_automatic(stage: Stage) -> None:
    paint(stage, Box(200, 150, 60, 40))
    framing = stage.session.desk.framing
    framing.box = Box(100, 100, 300, 250)
    stage.plan.refresh()
    grip = grips(placed(framing.box, Margins(), stage.canvas.view), 1.0)["l"]
    stage.plan.press(grip, NONE)
    stage.plan.move(grip + QPointF(-30, 0), NONE)
    assert framing.box != Box(100, 100, 300, 250)
    stage.plan.cancel()
    assert framing.box == Box(100, 100, 300, 250)
    QTest.qWait(1)
    stage.plan.press(grip, NONE)
    stage.plan.release(grip, NONE)
    assert framing.box is None


def test_while_a_run_goes_its_own_plan_is_seen_and_stays(stage: Stage) -> None:
    paint(stage, Box(200, 150, 60, 40))
    session = stage.session
    run = session.generate()
    assert run is not None
    plan = Plan(Box(150, 100, 160, 140), Size(128, 112), 8)
    session.receive(Started(run.id, run.recipe, 0, 4, plan))
    session.receive(stepped(run.id, 0))
    assert stage.plan.plan is plan
    grip = grips(placed(plan.box, Margins(), stage.canvas.view), 1.0)["l"]
    assert not stage.plan.press(grip, NONE)


def test_strokes_do_not_wait_for_the_plan(stage: Stage, qtbot: QtBot) -> None:
    paint(stage, Box(200, 150, 60, 40))
    before = stage.plan.plan
    stage.session.document.set_mask(
        Mask(np.pad(np.full((80, 80), 255, np.uint8), ((300, 20), (500, 20))))
    )
    assert stage.plan.plan is before
    qtbot.waitUntil(lambda: stage.plan.plan is not before, timeout=2000)


def test_the_canvas_edges_are_dragged_only_while_extending(stage: Stage) -> None:
    session, canvas = stage.session, stage.canvas
    framing = session.desk.framing
    framing.extending = True
    assert canvas.view.zoom * 600 < canvas.width() * 0.9
    whole = placed(Box(0, 0, 600, 400), Margins(), canvas.view)
    drag(stage, grips(whole, 1.0)["l"], QPointF(-50 * canvas.zoom, 0))
    assert abs(framing.margins.left - 50) <= 1
    assert session.action == "fill"
    framing.margins = Margins()
    framing.extending = False
    whole = placed(Box(0, 0, 600, 400), Margins(), canvas.view)
    assert not stage.extend.press(grips(whole, 1.0)["l"], NONE)


def test_shift_moves_both_edges_and_escape_puts_them_back(stage: Stage) -> None:
    framing = stage.session.desk.framing
    framing.extending = True
    view = stage.canvas.view
    grip = grips(placed(Box(0, 0, 600, 400), Margins(), view), 1.0)["t"]
    stage.extend.press(grip, NONE)
    up = QPointF(0, -20 * view.zoom)
    stage.extend.move(grip + up, Qt.KeyboardModifier.ShiftModifier)
    assert framing.margins == Margins(0, 20, 0, 20)
    assert stage.canvas.view == view
    stage.extend.cancel()
    assert not framing.margins


def test_a_larger_result_is_seen_around_the_picture(stage: Stage) -> None:
    session, canvas = stage.session, stage.canvas
    session.desk.framing.margins = Margins(100, 0, 100, 0)
    run = session.generate()
    assert run is not None
    plan = Plan(Box(0, 0, 800, 400), Size(160, 80), 8)
    session.receive(Started(run.id, run.recipe, 0, 4, plan))
    session.receive(stepped(run.id, 0))
    assert canvas.shown is not None
    place, corner = canvas.place_of(canvas.shown.size), canvas.view.to_screen(-100, 0)
    assert place.x() == pytest.approx(corner[0], abs=1)
    assert place.width() == pytest.approx(800 * canvas.zoom, abs=2)
