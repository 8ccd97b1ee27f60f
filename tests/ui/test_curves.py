from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.events import Stepped
from studio.core.picture import Picture
from studio.session.marks import Mark
from studio.ui.curve_panel import CurvePanel
from studio.ui.strip_model import Film
from studio.ui.strip_view import FilmView

Left = Qt.MouseButton.LeftButton


def levels(steps: int, upto: int | None = None) -> dict[int, Stepped]:
    found = {}
    for index in range(steps if upto is None else upto):
        share = 0.05 + 0.9 * index / max(1, steps - 1)
        alpha, sigma = math.sqrt(share), math.sqrt(1 - share)
        found[index] = Stepped("a", index, steps, (), alpha, sigma, 0.0, 0.1)
    return found


def film_of(steps: int, upto: int | None = None) -> Film:
    film = Film(steps)
    for index in range(steps if upto is None else upto):
        film.add(index, (Picture(np.full((16, 16, 3), index % 256, np.uint8)),), "")
    return film


@pytest.fixture
def panel(qtbot: QtBot) -> CurvePanel:
    film = FilmView(Film())
    film.resize(1000, 120)
    film.set_gutters(52)
    made = CurvePanel(film)
    qtbot.addWidget(film)
    qtbot.addWidget(made)
    made.resize(1000, 140)
    film.show()
    made.show()
    qtbot.waitExposed(made)
    return made


def show(panel: CurvePanel, steps: int, upto: int | None = None) -> list[int]:
    panel.film.show_film(film_of(steps, upto))
    panel.show_run(levels(steps, upto))
    picked: list[int] = []

    def pick(index: int) -> None:
        picked.append(index)
        panel.film.film.selected = index
        panel.tell()

    panel.picked.connect(pick)
    return picked


def at(panel: CurvePanel, step: int) -> QPoint:
    return QPoint(round(panel.plot.across.x(step)), 40)


def test_each_step_is_under_its_thumbnail(panel: CurvePanel) -> None:
    show(panel, 20)
    for step in (0, 7, 19):
        thumbnail = panel.film.viewport().x() + panel.film.cell(step).center().x()
        assert panel.plot.across.x(step) == pytest.approx(thumbnail)
    assert panel.plot.across.window is None


def test_of_many_steps_all_are_shown_and_which_the_strip_shows(panel: CurvePanel) -> None:
    show(panel, 500)
    window = panel.plot.across.window
    assert window is not None
    assert window[1] - window[0] < 30
    assert 0 < panel.plot.across.x(0) < panel.plot.across.x(499) < panel.plot.width()
    panel.film.horizontalScrollBar().setValue(8000)
    moved = panel.plot.across.window
    assert moved is not None
    assert moved[0] > window[0] + 50


def test_a_click_or_a_drag_goes_to_the_step(panel: CurvePanel, qtbot: QtBot) -> None:
    picked = show(panel, 20)
    qtbot.mousePress(panel.plot, Left, pos=at(panel, 4))
    qtbot.mouseMove(panel.plot, at(panel, 9))
    qtbot.mouseRelease(panel.plot, Left, pos=at(panel, 9))
    qtbot.mouseMove(panel.plot, at(panel, 15))
    assert picked == [4, 9]


def test_steps_that_are_not_taken_yet_go_to_the_newest(panel: CurvePanel, qtbot: QtBot) -> None:
    picked = show(panel, 20, upto=6)
    qtbot.mouseClick(panel.plot, Left, pos=at(panel, 18))
    assert picked == [5]


def test_hovering_reads_the_values(panel: CurvePanel) -> None:
    show(panel, 20)
    panel.choose("sigma", "alpha_bar")
    place = QPointF(at(panel, 5))
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(panel.plot, move)
    share = 0.05 + 0.9 * 5 / 19
    assert panel.readout.text() == f"Step 5 · σ {math.sqrt(1 - share):.3f} · ᾱ {share:.3f}"
    panel.choose("sigma", "")
    assert panel.readout.text() == f"Step 5 · σ {math.sqrt(1 - share):.3f}"
    QApplication.sendEvent(panel.plot, QEvent(QEvent.Type.Leave))
    assert panel.readout.text() == ""


def test_keys_move_the_marker_and_it_is_read_aloud(panel: CurvePanel, qtbot: QtBot) -> None:
    picked = show(panel, 20)
    panel.plot.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_End):
        qtbot.keyClick(panel.plot, key)
    assert picked == [0, 1, 3, 19]
    assert panel.plot.accessibleDescription().startswith("Step 19 · σ ")
    assert panel.readout.text() == panel.plot.accessibleDescription()


def test_quantities_are_chosen_in_both_directions(panel: CurvePanel) -> None:
    show(panel, 20)
    told: list[tuple[str, str]] = []
    panel.chosen.connect(lambda: told.append(panel.names))
    actions = {action.data(): action for action in panel.choosers[1].menu().actions()}
    actions["milliseconds"].trigger()
    assert [line.curve.quantity.name for line in panel.plot.lines] == ["sigma", "milliseconds"]
    actions[""].trigger()
    assert [line.curve.quantity.name for line in panel.plot.lines] == ["sigma"]
    assert panel.choosers[1].text() == "No second curve"
    panel.choose("log_snr", "unheard of")
    assert panel.choosers[0].menu().actions()[2].isChecked()
    assert told == [("sigma", "milliseconds"), ("sigma", ""), ("log_snr", "")]


def test_lines_cursor_and_marks_are_painted(panel: CurvePanel) -> None:
    show(panel, 20)
    panel.choose("sigma", "")
    plain = panel.plot.grab().toImage()
    accent = panel.palette().highlight().color().name()
    line = [plain.pixelColor(at(panel, 5).x(), y).name() for y in range(panel.plot.height())]
    assert accent in line
    panel.film.film.marks = {8: (Mark("edit", ""),), 12: (Mark("branch", ""),)}
    panel.plot.update()
    marked = panel.plot.grab().toImage()
    assert marked != plain
    x = round(panel.plot.across.x(12) - panel.plot.across.pitch / 2)
    near = [marked.pixelColor(x + d, y) for d in (-1, 0, 1) for y in range(10, 60)]
    assert near == [plain.pixelColor(x + d, y) for d in (-1, 0, 1) for y in range(10, 60)]
    panel.film.film.selected = 10
    panel.tell()
    assert panel.plot.grab().toImage() != marked


def test_a_compared_run_is_drawn_with_it(panel: CurvePanel) -> None:
    show(panel, 20)
    panel.choose("alpha_bar", "")
    panel.compare(levels(50))
    other = panel.plot.lines[0].other
    assert len(other) == 50
    for place, share in other:  # the same schedule lies on the same line
        assert share == pytest.approx(0.05 + 0.9 * place / 19, abs=0.01)
    panel.choose("milliseconds", "")
    both = panel.plot.grab().toImage()
    panel.compare({index: replace(step, seconds=0.04) for index, step in levels(50).items()})
    assert panel.plot.grab().toImage() != both
    panel.compare({})
    assert panel.plot.lines[0].other == ()


def test_nothing_to_draw_is_said(panel: CurvePanel) -> None:
    show(panel, 20)
    panel.choose("guidance", "")
    image = panel.plot.grab().toImage()
    background = image.pixelColor(3, 3)
    assert any(image.pixelColor(x, 52) != background for x in range(300, 700))
    panel.film.show_film(Film())
    panel.show_run({})
    empty = panel.plot.grab().toImage()
    assert all(empty.pixelColor(x, 52) == background for x in range(300, 700))
