from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.core.geometry import Margins, Size
from studio.ui.extendbox import ExtendBox
from tests.session.scripted import new_session, picture


@pytest.fixture
def box(qtbot: QtBot) -> ExtendBox:
    made = ExtendBox(new_session())
    qtbot.addWidget(made)
    made.session.desk.bring(picture(90, 120, 80), "photo.png")
    made.show()
    return made


def test_it_is_there_while_there_is_a_picture(box: ExtendBox) -> None:
    assert box.isVisible()
    box.session.desk.clear()
    assert box.isHidden()


def test_widths_in_both_directions(box: ExtendBox) -> None:
    box.fields["left"].setValue(30)
    box.fields["bottom"].setValue(8)
    assert box.framing.margins == Margins(30, 0, 0, 8)
    assert box.total.text() == "150 × 88"
    box.framing.margins = Margins(1, 2, 3, 4)
    assert [field.value() for field in box.fields.values()] == [1, 2, 3, 4]
    box.none.click()
    assert not box.framing.margins
    assert not box.none.isEnabled()


def test_open_it_offers_the_canvas_edges(box: ExtendBox) -> None:
    assert not box.framing.extending
    box.head.click()
    assert box.framing.extending
    box.framing.extending = False
    assert not box.is_open


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Square", Size(120, 120)),
        ("Wide 16:9", Size(142, 80)),
        ("Portrait 9:16", Size(120, 213)),
        ("A quarter to each side", Size(180, 80)),
    ],
)
def test_shapes_add_alike_on_both_sides(box: ExtendBox, text: str, size: Size) -> None:
    action = next(action for action in box.menu.actions() if action.text() == text)
    action.trigger()
    margins = box.framing.margins
    assert box.framing.size == size
    assert abs(margins.left - margins.right) <= 1
    assert abs(margins.top - margins.bottom) <= 1
