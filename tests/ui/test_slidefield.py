import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.ui.slidefield import SlideField, as_whole

Left = Qt.MouseButton.LeftButton
Plain = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def size(qtbot) -> SlideField:
    return shown(qtbot, SlideField("Size", "size", (1, 2000), "px", even=True))


@pytest.fixture
def opacity(qtbot) -> SlideField:
    return shown(qtbot, SlideField("Opacity", "opacity", (0.0, 1.0), "%", 100))


def shown(qtbot, field: SlideField) -> SlideField:
    qtbot.addWidget(field)
    field.resize(200, field.sizeHint().height())
    field.show()
    qtbot.waitExposed(field)
    return field


def drag(field: SlideField, start: int, end: int, modifiers=Plain) -> None:
    QTest.mousePress(field, Left, Plain, QPoint(start, 10))
    for x in (start + 1, (start + end) // 2, end):
        where = QPointF(x, 10)
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove, where, field.mapToGlobal(where), Qt.MouseButton.NoButton,
            Left, modifiers,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
    QTest.mouseRelease(field, Left, modifiers, QPoint(end, 10))


def test_values_are_kept_exactly_and_told_once(size):
    told = []
    size.changed.connect(told.append)
    size.set_amount(37.5)
    size.set_amount(37.5)
    assert told == [37.5]
    assert size.amount() == 37.5
    assert size.shown == "37.5 px"
    assert size.accessibleDescription() == "37.5 px"
    size.set_amount(1e9)
    size.set_amount(-3)
    assert told == [37.5, 2000, 1]


def test_dragging_goes_by_equal_factors_or_steps(size, opacity):
    size.set_amount(20)
    drag(size, 50, 150)
    assert size.amount() == pytest.approx(20 * 2000**0.5, rel=0.02)
    drag(size, 199, 0)
    drag(size, 199, 0)
    assert size.amount() == 1
    opacity.set_amount(0.2)
    drag(opacity, 50, 110)
    assert opacity.amount() == pytest.approx(0.5)
    drag(opacity, 50, 110, Qt.KeyboardModifier.ShiftModifier)
    assert opacity.amount() == pytest.approx(0.53)
    assert opacity.editor.isHidden()


def test_arrow_keys_step(qtbot, opacity):
    opacity.set_amount(0.5)
    qtbot.keyClick(opacity, Qt.Key.Key_Right)
    assert opacity.amount() == pytest.approx(0.51)
    qtbot.keyClick(opacity, Qt.Key.Key_PageDown)
    assert opacity.amount() == pytest.approx(0.41)
    qtbot.keyClick(opacity, Qt.Key.Key_End)
    assert opacity.amount() == 1.0


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("80", 80), ("12.5 px", 12.5), ("7,5", 7.5), ("99999", 2000), ("", 20), ("wide", 20)],
)
def test_a_click_lets_a_value_be_typed(qtbot, size, typed, amount):
    size.set_amount(20)
    QTest.mouseClick(size, Left, Plain, QPoint(100, 10))
    assert size.editor.isVisible()
    assert size.editor.selectedText() == "20"
    size.editor.setText(typed)
    qtbot.keyClick(size.editor, Qt.Key.Key_Return)
    assert size.amount() == amount
    assert not size.editor.isVisible()


def test_typing_a_digit_begins_and_escape_gives_up(qtbot, opacity):
    opacity.set_amount(0.2)
    qtbot.keyClicks(opacity, "7")
    assert opacity.editor.text() == "7"
    qtbot.keyClicks(opacity.editor, "5")
    qtbot.keyClick(opacity.editor, Qt.Key.Key_Return)
    assert opacity.amount() == 0.75
    qtbot.keyClick(opacity, Qt.Key.Key_Return)
    opacity.editor.setText("10")
    qtbot.keyClick(opacity.editor, Qt.Key.Key_Escape)
    assert opacity.amount() == 0.75
    assert not opacity.editor.isVisible()


def test_leaving_the_field_takes_what_was_typed(qtbot, opacity):
    opacity.edit()
    opacity.editor.setText("30")
    opacity.editor.clearFocus()
    assert opacity.amount() == 0.3


def test_whole_numbers_come_out_whole(qtbot):
    field = shown(qtbot, SlideField("Tolerance", "tolerance", (0, 255)))
    field.set_amount(32)
    assert as_whole(field) == 32
    assert field.shown == "32"


def test_the_bar_and_its_words_are_drawn_at_any_width(qtbot, opacity):
    def inked(image: QImage) -> int:
        ground = image.pixelColor(3, image.height() // 2)
        middle = image.height() // 2
        return sum(image.pixelColor(x, middle) != ground for x in range(image.width()))

    opacity.set_amount(0.0)
    empty = inked(opacity.grab().toImage())
    opacity.set_amount(0.5)
    half = opacity.grab().toImage()
    assert half.pixelColor(20, 3) != half.pixelColor(180, 3)
    assert empty > 5
    opacity.resize(64, opacity.height())
    assert inked(opacity.grab().toImage()) > 5
