"""What is painted is chosen in the panel, seen on the canvas, and said."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.core.picture import Mask
from studio.imaging.brush import Brush
from studio.models.catalogue import PATCHES, TOY
from studio.session.session import Session
from studio.ui.canvas import CanvasView
from studio.ui.material_overlay import COLORS, MaterialOverlay
from studio.ui.materialrow import MaterialRow
from tests.session.scripted import new_session, picture


@pytest.fixture
def session() -> Session:
    made = new_session()
    made.models = (PATCHES, TOY)
    made.settings.model = "patches"
    made.desk.bring(picture(90, 300, 200), "photo.png")
    pixels = np.zeros((200, 300), np.uint8)
    pixels[90:110, 140:160] = 255
    made.document.set_mask(Mask(pixels))
    return made


@pytest.fixture
def row(qtbot: QtBot, session: Session) -> MaterialRow:
    made = MaterialRow(session)
    qtbot.addWidget(made)
    made.show()
    return made


def paint(session: Session, x: float = 40) -> None:
    session.document.begin_stroke(Brush(15, 1.0))
    session.document.stroke_to(x, 60)
    session.document.end_stroke()


def test_the_choice_in_both_directions(row: MaterialRow) -> None:
    row.ways["from"].click()
    assert row.document.target == "from"
    row.document.aim("not_from")
    assert row.ways["not_from"].isChecked()
    assert not row.ways["from"].isChecked()
    row.ways["fill"].setFocus()
    row.ways["fill"].click()
    assert row.document.target == "fill"


def test_what_is_painted_is_said_and_cleared(row: MaterialRow, session: Session) -> None:
    assert not row.words.text()
    row.ways["from"].click()
    assert "may take its material" in row.words.text()
    assert not row.clear.isEnabled()
    paint(session)
    assert row.words.text() == "Material is taken only from what is blue."
    row.ways["not_from"].click()
    paint(session, 250)
    assert "only from what is blue, not from what is orange" in row.words.text()
    row.clear.click()
    assert "orange" not in row.words.text()
    assert session.document.has_mask
    session.document.undo()
    assert "orange" in row.words.text()
    assert "Not here" in row.clear.toolTip()


def test_a_model_that_takes_nothing_from_the_picture_cannot_be_told(
    row: MaterialRow, session: Session
) -> None:
    row.ways["from"].click()
    paint(session)
    session.settings.model = "toy"
    session.settings.prompt = "a red circle"
    assert session.document.target == "fill"
    assert not row.ways["from"].isEnabled()
    assert "has learnt" in row.ways["from"].toolTip()
    assert "is not used" in row.words.text()
    assert row.ways["fill"].isEnabled()
    session.settings.model = "patches"
    assert row.ways["from"].isEnabled()


def test_without_anything_to_fill_the_brush_paints_the_mask_again(
    row: MaterialRow, session: Session
) -> None:
    row.ways["not_from"].click()
    session.document.clear_coat("fill")
    assert session.document.target == "fill"


def color_at(canvas: CanvasView, x: float, y: float) -> QColor:
    left, top = canvas.view.to_screen(x, y)
    return canvas.grab().toImage().pixelColor(round(left), round(top))


def test_both_are_seen_in_their_colours_and_go_with_undo(qtbot: QtBot, session: Session) -> None:
    canvas = CanvasView(session.document)
    qtbot.addWidget(canvas)
    MaterialOverlay(session.document, canvas)
    canvas.overlay_opacity = 1.0
    canvas.resize(600, 400)
    canvas.show()
    plain = color_at(canvas, 40, 60)
    for target, x in (("from", 40.0), ("not_from", 250.0)):
        session.document.aim(target)
        paint(session, x)
        seen, wanted = color_at(canvas, x, 60), QColor(COLORS[target])
        assert abs(seen.hue() - wanted.hue()) < 12
    session.document.undo()
    session.document.undo()
    assert color_at(canvas, 40, 60) == plain
    session.document.redo()
    canvas.show_picture(picture(20, 300, 200))
    assert color_at(canvas, 40, 60).hue() == QColor(20, 20, 20).hue()
    canvas.show_picture(None)
    assert color_at(canvas, 40, 60) != plain
