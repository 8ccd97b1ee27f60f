"""The Explain panel in the window, and the formulas it sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from pytestqt.qtbot import QtBot

from studio.core.events import Catalogued, Explained
from studio.core.explanation import Explanation, Formula, Material, Place, Section
from studio.core.maths import Symbol, sqrt
from studio.core.typeset import arrange, row
from studio.core.wishes import Explain
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session.session import Session
from studio.ui import theme
from studio.ui.explain_page import ExplainPage, describe
from studio.ui.formula import DARK, LIGHT, Ink, compose, lines
from studio.ui.prose import paragraph
from studio.ui.window import Window
from tests.session.scripted import LARGE, STARTER, Scripted, play

X = Symbol("x", "x", "the noisy sample x_t", -0.5, sub="t", rms=1.25)
BAR = Symbol("bar", "α", "how much of x̂₀", 0.36, "bar", "t")
FORMULA = Formula(X, sqrt(BAR) * X + (1 - BAR) / X, "ε form", own=True)
F2 = Qt.Key.Key_F2
MIDDLE = Place(0, 4, 4)


def explanation(place: Place = MIDDLE) -> Explanation:
    words = "Two words about x_t. And two more."
    sections = tuple(Section(title, words, (FORMULA,) * 4, short=title) for title in "ABCD")
    return Explanation("Step 3 · DDIM", sections, place, (3, 8, 8))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    folders = Folders(tmp_path / "pictures", tmp_path / "data")
    library = Library(folders)
    session = Session(Scripted(), library)
    window = Window(session, folders)
    qtbot.addWidget(window)
    window.resize(1300, 900)
    window.show()
    qtbot.waitExposed(window)
    session.receive(Catalogued((STARTER, LARGE)))
    run = session.generate()
    assert run is not None
    play(session, run.id)
    yield window
    library.close()


def wishes(window: Window) -> list[Explain]:
    backend = window.session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, Explain)]


def answer(window: Window, place: Place = MIDDLE) -> None:
    wish = wishes(window)[-1]
    window.session.receive(Explained(wish.run, wish.index, wish.image, explanation(place)))


def settle(window: Window, qtbot: QtBot) -> None:
    """The page follows a moment later."""
    panel = window.learning.panel
    qtbot.waitUntil(lambda: panel.page.explanation is panel.explaining.explanation)


def open_panel(window: Window, qtbot: QtBot) -> None:
    window.learning.explain.trigger()
    qtbot.waitUntil(window.learning.panel.isVisible)
    answer(window)
    settle(window, qtbot)


def test_f2_opens_and_closes_it_and_it_asks_only_while_open(window: Window, qtbot: QtBot) -> None:
    panel = window.learning.panel
    assert not panel.isVisible()
    window.session.select_step(1)
    assert wishes(window) == []
    qtbot.keyClick(window, F2)
    qtbot.waitUntil(panel.isVisible)
    assert wishes(window) == [Explain("run1", 1)]
    assert window.learning.button.isChecked()
    qtbot.keyClick(window, F2)
    assert not panel.isVisible()
    assert not window.learning.button.isChecked()
    window.session.select_step(2)
    assert len(wishes(window)) == 1


def test_it_follows_the_strip(window: Window, qtbot: QtBot) -> None:
    open_panel(window, qtbot)
    page = window.learning.panel.page
    assert page.explanation is not None
    window.steps.strip.film.setFocus()
    window.session.select_step(2)
    assert wishes(window)[-1].index == 2
    qtbot.waitUntil(lambda: "x_t = " in page.accessibleDescription())
    assert page.minimumHeight() > 150


def test_without_a_run_or_with_a_reason_it_says_so(window: Window, qtbot: QtBot) -> None:
    panel = window.learning.panel
    window.learning.explain.trigger()
    assert panel.empty.isVisible()
    wish = wishes(window)[-1]
    window.session.receive(Explained(wish.run, wish.index, 0, None, "The steps are gone."))
    qtbot.waitUntil(lambda: panel.empty.text() == "The steps are gone.")
    assert panel.empty.text() == "The steps are gone."
    assert not panel.copy.isEnabled()
    assert panel.links.count() == 0


def test_the_place_goes_both_ways(window: Window, qtbot: QtBot) -> None:
    open_panel(window, qtbot)
    panel = window.learning.panel
    fields = [field.value() for field in panel.fields.values()]
    assert fields == [0, 4, 4]
    assert [field.maximum() for field in panel.fields.values()] == [2, 7, 7]
    panel.fields["Row"].setValue(6)
    assert wishes(window)[-1].place == Place(0, 6, 4)
    answer(window, Place(1, 6, 7))
    settle(window, qtbot)
    assert [field.value() for field in panel.fields.values()] == [1, 6, 7]


def test_the_marker_is_dragged_and_clicking_elsewhere_needs_the_button(
    window: Window, qtbot: QtBot
) -> None:
    open_panel(window, qtbot)
    window.session.select_step(3)
    answer(window)
    canvas, marker, panel = window.stage.canvas, window.learning.marker, window.learning.panel
    cell = marker.cell
    assert cell is not None
    ratio = canvas.devicePixelRatioF()

    def point(column: int, row: int) -> QPoint:
        place = cell.center() + QPointF((column - 4) * cell.width(), (row - 4) * cell.height())
        return (place / ratio).toPoint()

    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=point(4, 4))
    qtbot.mouseMove(canvas, point(6, 2))
    qtbot.mouseRelease(canvas, left, pos=point(6, 2))
    assert panel.explaining.place == Place(0, 2, 6)
    answer(window, Place(0, 2, 6))
    panel.pick.click()
    qtbot.mouseClick(canvas, left, pos=point(1, 7))
    assert panel.explaining.place == Place(0, 7, 1)
    assert window.session.document.mask is None


def test_what_a_place_is_made_of_is_drawn_where_it_is(window: Window, qtbot: QtBot) -> None:
    open_panel(window, qtbot)
    window.session.select_step(3)
    answer(window)
    marker, told = window.learning.marker, window.learning.panel.explaining.explanation
    assert marker.squares == []
    before = window.stage.canvas.grab().toImage()
    wish, cell = wishes(window)[-1], marker.cell
    assert told is not None
    assert cell is not None
    made = replace(told, material=(Material(1.0, 6.0, 2.0, 0.75),))
    window.learning.panel.explaining.probe(Place(0, 4, 4))
    window.session.receive(Explained(wish.run, wish.index, 0, made))
    (square, weight), *rest = marker.squares
    assert (weight, rest) == (0.75, [])
    assert square.left() == pytest.approx(cell.left() + 2 * cell.width())
    assert square.top() == pytest.approx(cell.top() - 3 * cell.height())
    assert square.width() == pytest.approx(2 * cell.width())
    assert window.stage.canvas.grab().toImage() != before


def test_copies_go_to_the_clipboard(window: Window, qtbot: QtBot) -> None:
    open_panel(window, qtbot)
    panel = window.learning.panel
    panel.copy_latex()
    assert r"\sqrt{\bar{\alpha}_{t}}" in QGuiApplication.clipboard().text()
    qtbot.keyClick(panel.area, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "x_t = -0.5" in QGuiApplication.clipboard().text()


def test_symbols_numbers_or_both(qtbot: QtBot) -> None:
    page = ExplainPage()
    qtbot.addWidget(page)
    page.resize(340, 600)
    page.show_explanation(explanation())
    heights = {}
    for mode in ("both", "symbols", "numbers"):
        page.set_mode(mode)
        heights[mode] = page.minimumHeight()
    assert heights["both"] > max(heights["symbols"], heights["numbers"])


def test_what_is_pointed_at_is_shown_everywhere(qtbot: QtBot) -> None:
    page = ExplainPage()
    qtbot.addWidget(page)
    page.resize(340, 600)
    page.show_explanation(explanation())
    page.show()
    rect = next(rect for rect, key in page.spots if key == "bar")
    assert sum(key == "bar" for _, key in page.spots) >= 5
    qtbot.mouseMove(page, rect.center().toPoint())
    qtbot.waitUntil(lambda: page.hot == "bar")
    assert "0.36" in describe(BAR)
    assert "root mean square 1.25" in describe(X)


@pytest.mark.parametrize("width", [120, 200, 340, 900])
def test_no_line_is_wider_than_its_room(qtbot: QtBot, width: int) -> None:
    ink = Ink.of(QPalette())
    term = (FORMULA.right + FORMULA.right) * FORMULA.right - FORMULA.right
    for numbers in (False, True):
        whole = row(arrange(term, numbers))
        boxes = lines(whole, ink, width, 20)
        assert all(box.width <= width + 0.01 for box in boxes)
        keys = [key for box in boxes for _, key in box.spots]
        assert keys == [key for _, key in compose(whole, ink).spots]


def test_prose_wraps_and_sets_its_symbols(qtbot: QtBot) -> None:
    page = ExplainPage()
    qtbot.addWidget(page)
    text = "the picture x̂₀ at ᾱ_t′, where x_t is noisy " * 4
    boxes = paragraph(text, page.font(), page.palette().windowText().color(), 180)
    assert len(boxes) > 4
    assert all(box.width <= 180 for box in boxes)


@pytest.mark.parametrize("tones", [theme.DARK, theme.LIGHT])
def test_every_hue_can_be_read(tones: theme.Tones) -> None:
    from PySide6.QtGui import QColor

    def luminance(color: str) -> float:
        parts = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in QColor(color).getRgbF()[:3]
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for color in (DARK if tones is theme.DARK else LIGHT).values():
        for ground in (tones.window, tones.field):
            high, low = sorted((luminance(color), luminance(ground)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5


def test_sections_can_be_gone_to_and_stay_where_they_are_while_scrubbing(
    window: Window, qtbot: QtBot
) -> None:
    open_panel(window, qtbot)
    panel = window.learning.panel
    bar = panel.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > panel.page.tops[2])
    link = panel.findChild(type(panel.pick), "explain_go_c")
    assert link is not None
    link.click()
    assert bar.value() == panel.page.tops[2]
    window.session.select_step(1)
    wish = wishes(window)[-1]
    shorter = explanation()
    first = Section("A", "One word.", (FORMULA,), short="A")
    changed = Explanation("Step 1", (first, *shorter.sections[1:]), MIDDLE, (3, 8, 8))
    window.session.receive(Explained(wish.run, wish.index, 0, changed))
    settle(window, qtbot)
    assert bar.value() == panel.page.tops[2]
