import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from studio.core.geometry import Box
from studio.core.picture import Mask, Picture
from studio.session.document import Document
from studio.ui.canvas import CanvasView
from studio.ui.mask_panel import OPERATIONS, MaskPanel

BY_FIELD = {operation.field: operation for operation in OPERATIONS}
GROW = BY_FIELD["grow_by"]


@pytest.fixture
def panel(qtbot) -> MaskPanel:
    canvas = CanvasView(Document())
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.document.open(Picture(np.full((80, 100, 3), 90, np.uint8)), "photo")
    mask = np.zeros((80, 100), np.uint8)
    mask[30:50, 40:60] = 255
    mask[38:42, 48:52] = 0
    mask[5, 5] = 255
    canvas.document.set_mask(Mask(mask))
    made = MaskPanel(canvas.document, canvas.pen, canvas)
    canvas.panel = made
    return made


def test_the_change_is_seen_while_its_amount_is_chosen_and_kept_by_enter(qtbot, panel):
    document = panel.document
    panel.begin(GROW)
    assert panel.isVisible()
    assert document.painted == Box(0, 0, 68, 58)  # by 8, and the speck leaves the picture
    panel.amount.set_amount(2)
    qtbot.waitUntil(lambda: document.painted == Box(3, 3, 59, 49))
    assert panel.pen.grow_by == 2
    qtbot.keyClick(panel.amount, Qt.Key.Key_Enter)
    assert not panel.isVisible()
    assert document.painted == Box(3, 3, 59, 49)
    document.undo()
    assert document.painted == Box(5, 5, 55, 45)
    panel.begin(GROW)
    assert panel.amount.amount() == 2
    panel.leave()


def test_escape_takes_it_back(qtbot, panel):
    before = panel.document.mask.pixels.copy()
    panel.begin(GROW)
    qtbot.keyClick(panel.amount, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert np.array_equal(panel.document.mask.pixels, before)
    assert not panel.document.trying
    panel.begin(GROW)
    panel.cancel.click()
    assert np.array_equal(panel.document.mask.pixels, before)


def test_an_amount_that_was_just_changed_counts_at_once(panel):
    panel.begin(GROW)
    panel.amount.set_amount(3)
    panel.apply.click()
    assert panel.document.painted == Box(2, 2, 61, 51)


def test_painting_on_keeps_it_and_closes(qtbot, panel):
    panel.begin(GROW)
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=QPoint(450, 330))
    assert not panel.isVisible()
    panel.document.undo()
    assert panel.document.painted == Box(0, 0, 68, 58)


def test_undo_takes_the_trial_back_and_closes(panel):
    panel.begin(GROW)
    panel.document.undo()
    assert not panel.isVisible()
    assert panel.document.painted == Box(5, 5, 55, 45)


def test_another_picture_closes_it(panel):
    panel.begin(GROW)
    panel.document.open(Picture(np.zeros((9, 9, 3), np.uint8)), "other")
    assert not panel.isVisible()


@pytest.mark.parametrize(
    ("field", "amount", "painted", "inside"),
    [
        ("shrink_by", 3, Box(43, 33, 14, 14), 0),
        ("feather_by", 4, Box(1, 1, 63, 53), None),
        ("smooth_by", 6, Box(40, 30, 20, 20), None),
        ("holes_up_to", 10, Box(5, 5, 55, 45), 255),
        ("specks_up_to", 2, Box(40, 30, 20, 20), 0),
    ],
)
def test_every_operation_does_what_it_says(panel, field, amount, painted, inside):
    setattr(panel.pen, field, amount)
    panel.begin(BY_FIELD[field])
    panel.finish()
    found = panel.document.painted
    assert painted.grow(2).contains(found)
    assert found.contains(painted.grow(-2))
    if inside is not None:
        assert panel.document.mask.pixels[40, 50] == inside


def test_it_stays_over_the_canvas_and_its_words_are_readable(panel):
    panel.begin(GROW)
    for width in (500, 900):
        panel.canvas.resize(width, 400)
        assert abs(panel.geometry().center().x() - width // 2) <= 1
    image = panel.title.grab().toImage()
    shades = {image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(9)}
    assert len(shades) > 3
    assert panel.title.text() == "Grow"


def test_everything_has_a_name(panel):
    for part in (panel, panel.amount, panel.cancel, panel.apply):
        assert part.objectName()
        assert part.accessibleName()
