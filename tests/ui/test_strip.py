import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent

from studio.core.picture import Picture
from studio.session.marks import Mark
from studio.ui.strip import TrajectoryStrip
from studio.ui.strip_play import pace

Left = Qt.MouseButton.LeftButton


def picture(index: int, width: int = 16, height: int = 16) -> Picture:
    color = (index * 37 % 256, index * 91 % 256, 120)
    return Picture(np.full((height, width, 3), color, np.uint8))


@pytest.fixture
def strip(qtbot) -> TrajectoryStrip:
    made = TrajectoryStrip()
    qtbot.addWidget(made)
    made.resize(1000, 140)
    made.show()
    qtbot.waitExposed(made)
    made.chosen = []
    made.step_selected.connect(made.chosen.append)
    return made


def fill(strip: TrajectoryStrip, steps: int, first: int = 0, upto: int | None = None) -> None:
    strip.start(steps, first)
    for index in range(first, steps if upto is None else upto):
        strip.add(index, picture(index), f"Step {index}")


def middle(strip: TrajectoryStrip, index: int) -> QPoint:
    cell = strip.film.cell(index)
    return QPoint(round(cell.center().x()), 40)


def seen(strip: TrajectoryStrip, index: int) -> bool:
    cell = strip.film.cell(index)
    return cell.left() >= -3 and cell.right() <= strip.film.viewport().width() + 3


def color(strip: TrajectoryStrip, index: int) -> tuple[int, ...]:
    image = strip.film.viewport().grab().toImage()
    place = strip.film.cell(index).center().toPoint()
    return image.pixelColor(place.x(), place.y() - 8).getRgb()[:3]


def test_an_empty_strip_says_what_it_is_for_and_takes_every_gesture(qtbot, strip):
    film = strip.film
    blank = film.viewport().grab().toImage()
    assert any(blank.pixelColor(x, 52) != blank.pixelColor(2, 2) for x in range(300, 700))
    qtbot.mouseClick(film.viewport(), Left, pos=QPoint(50, 40))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Space):
        qtbot.keyClick(film, key)
    assert strip.chosen == []
    assert not strip.play_button.isEnabled()
    assert not strip.branch_button.isVisible()


def test_thumbnails_appear_as_they_come(strip):
    fill(strip, 10, upto=4)
    assert color(strip, 3) == tuple(picture(3).pixels[0, 0])
    background = color(strip, 4)
    assert background == color(strip, 9)
    strip.add(4, picture(4), "Step 4")
    assert color(strip, 4) == tuple(picture(4).pixels[0, 0])
    strip.add(4, picture(9), "Step 4")
    assert color(strip, 4) == tuple(picture(9).pixels[0, 0])
    assert strip.words.text() == "5 of 10 steps"
    strip.finish()
    assert strip.words.text() == "5 of 10 steps"
    fill(strip, 10)
    strip.finish()
    assert strip.words.text() == "10 steps"


def test_a_step_that_does_not_exist_is_refused(strip):
    strip.start(5)
    with pytest.raises(IndexError, match="step 5 of 5"):
        strip.add(5, picture(5), "")


def test_skipped_steps_are_hatched(strip):
    fill(strip, 10, first=4, upto=5)
    image = strip.film.viewport().grab().toImage()

    def colors(index: int) -> set[str]:
        cell = strip.film.cell(index).adjusted(12, 20, -12, -40).toRect()
        return {
            image.pixelColor(x, y).name()
            for x in range(cell.left(), cell.right())
            for y in range(cell.top(), cell.bottom())
        }

    assert len(colors(2)) > 1
    assert len(colors(8)) == 1


def test_clicking_and_scrubbing_select(qtbot, strip):
    fill(strip, 10)
    view = strip.film.viewport()
    qtbot.mousePress(view, Left, pos=middle(strip, 3))
    qtbot.mouseMove(view, middle(strip, 4))
    qtbot.mouseMove(view, middle(strip, 6))
    qtbot.mouseMove(view, QPoint(-50, 40))
    qtbot.mouseRelease(view, Left, pos=QPoint(-50, 40))
    qtbot.mouseMove(view, middle(strip, 8))
    assert strip.chosen == [3, 4, 6, 0]
    assert strip.selected == 0


def test_a_place_without_a_picture_selects_the_nearest_one(qtbot, strip):
    fill(strip, 10, first=3, upto=6)
    for index in (0, 9):
        qtbot.mouseClick(strip.film.viewport(), Left, pos=middle(strip, index))
    assert strip.chosen == [3, 5]


def test_keys(qtbot, strip):
    fill(strip, 10, first=2)
    for key in (
        Qt.Key.Key_Left,
        Qt.Key.Key_Left,
        Qt.Key.Key_Home,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_End,
        Qt.Key.Key_Right,
    ):
        qtbot.keyClick(strip.film, key)
    assert strip.chosen == [9, 8, 2, 3, 9]


def test_selecting_from_outside_tells_nothing(strip):
    fill(strip, 10)
    strip.select(7)
    assert strip.selected == 7
    assert strip.words.text() == "Step 7"
    strip.select(None)
    assert strip.selected is None
    strip.select(99)
    assert strip.selected is None
    assert strip.chosen == []


def test_branching_by_button_and_by_menu(qtbot, strip):
    asked = []
    strip.branch_requested.connect(asked.append)
    fill(strip, 10)
    assert not strip.branch_button.isEnabled()
    strip.select(6)
    qtbot.mouseClick(strip.branch_button, Left)
    wanted = []
    strip.film.menu_wanted.disconnect()
    strip.film.menu_wanted.connect(lambda index, _: wanted.append(index))
    place = middle(strip, 3)
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        event = QContextMenuEvent(reason, place, strip.film.viewport().mapToGlobal(place))
        strip.film.contextMenuEvent(event)
    assert wanted == [3, 3]
    menu = strip.menu(3)
    menu.actions()[0].trigger()
    assert asked == [6, 3]
    assert strip.chosen == [3]


def quick(monkeypatch) -> None:
    monkeypatch.setattr("studio.ui.strip_play.FASTEST", 5)
    monkeypatch.setattr("studio.ui.strip_play.SLOWEST", 5)


def test_playing_goes_through_all_steps_and_stops(qtbot, strip, monkeypatch):
    quick(monkeypatch)
    fill(strip, 6)
    strip.finish()
    qtbot.keyClick(strip.film, Qt.Key.Key_Space)
    assert strip.playing
    assert strip.play_button.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: not strip.playing, timeout=5000)
    assert strip.chosen == [0, 1, 2, 3, 4, 5]
    assert strip.play_button.accessibleName() == "Play the steps"
    qtbot.mouseClick(strip.play_button, Left)
    assert strip.chosen[-1] == 0
    qtbot.mouseClick(strip.film.viewport(), Left, pos=middle(strip, 2))
    assert not strip.playing
    assert strip.chosen[-1] == 2


def test_playing_over_and_over_goes_on_from_the_start(qtbot, strip, monkeypatch):
    quick(monkeypatch)
    fill(strip, 3)
    strip.finish()
    qtbot.mouseClick(strip.player.loop_button, Left)
    strip.toggle_play()
    qtbot.waitUntil(lambda: len(strip.chosen) > 6, timeout=5000)
    assert strip.chosen[:6] == [0, 1, 2, 0, 1, 2]
    strip.toggle_play()
    assert not strip.playing


def test_playing_waits_for_steps_to_come(qtbot, strip, monkeypatch):
    quick(monkeypatch)
    fill(strip, 6, upto=2)
    strip.toggle_play()
    qtbot.waitUntil(lambda: strip.chosen == [0, 1], timeout=5000)
    qtbot.wait(20)
    assert strip.playing
    strip.add(2, picture(2), "")
    qtbot.waitUntil(lambda: strip.chosen == [0, 1, 2], timeout=5000)


def test_the_speed_is_chosen_in_a_menu_and_told(strip):
    told = []
    strip.player.changed.connect(lambda: told.append(strip.player.speed))
    menu = strip.player.speed_button.menu()
    {action.text(): action for action in menu.actions()}["4×"].trigger()
    assert (strip.player.speed, told[-1], strip.player.speed_button.text()) == (4.0, 4.0, "4×")
    strip.player.set_speed(0.5)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["0.5×"]
    strip.player.set_speed(17.0)
    assert strip.player.speed == 1.0


def test_the_pace_leaves_out_steps_rather_than_outrun_the_screen():
    assert pace(20, 1.0) == (200, 1)
    assert pace(20, 0.5) == (400, 1)
    assert pace(4, 4.0) == (62, 1)
    assert pace(1000, 1.0) == (33, 1)
    assert pace(1000, 4.0) == (33, 4)


def batch_of(strip: TrajectoryStrip, height: int) -> None:
    strip.resize(1000, height)
    strip.start(10, 0, 3)
    for index in range(10):
        strip.add(index, tuple(picture(20 * image + index) for image in range(3)), f"Step {index}")
    strip.finish()


def shade(strip: TrajectoryStrip, index: int, row: int) -> tuple[int, ...]:
    layout, film = strip.film.layout_now, strip.film
    image = film.viewport().grab().toImage()
    y = film.first_top + row * (layout.height + 4) + layout.height / 2
    return image.pixelColor(round(film.cell(index).center().x()), round(y)).getRgb()[:3]


def test_a_high_strip_has_a_row_for_each_picture_of_a_batch(qtbot, strip):
    batch_of(strip, 260)
    assert strip.film.layout_now.rows == 3
    for row in range(3):
        assert shade(strip, 4, row) == tuple(picture(20 * row + 4).pixels[0, 0])
    assert not strip.batch.isVisible()
    chosen = []
    strip.image_selected.connect(chosen.append)
    layout = strip.film.layout_now
    y = round(strip.film.first_top + 2 * (layout.height + 4) + 5)
    qtbot.mouseClick(strip.film.viewport(), Left, pos=QPoint(middle(strip, 6).x(), y))
    assert (strip.chosen, chosen) == ([6], [2])
    strip.choose(1)
    assert (strip.film.film.image, chosen) == (1, [2])
    qtbot.mouseClick(strip.film.rows, Left, pos=QPoint(5, y))
    assert chosen == [2, 2]


def test_a_low_strip_leafs_through_the_pictures_of_a_batch(qtbot, strip):
    batch_of(strip, 140)
    assert strip.film.layout_now.rows == 1
    assert strip.batch.isVisible()
    assert strip.batch.text.text() == "Picture 1 of 3"
    assert not strip.batch.before.isEnabled()
    chosen = []
    strip.image_selected.connect(chosen.append)
    qtbot.mouseClick(strip.batch.after, Left)
    assert shade(strip, 4, 0) == tuple(picture(24).pixels[0, 0])
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(strip.film, key)
    assert chosen == [1, 2, 1]
    assert strip.batch.text.text() == "Picture 2 of 3"


def test_the_pages_of_keys_go_a_tenth_of_the_way(qtbot, strip):
    fill(strip, 100)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        qtbot.keyClick(strip.film, key)
    assert strip.chosen == [0, 10, 20, 10]


def test_steps_taken_over_are_dimmed_and_say_so(strip):
    strip.start(10, 3)
    for index in range(5):
        strip.add(index, picture(index), f"Step {index}")
    assert color(strip, 4) == tuple(picture(4).pixels[0, 0])
    assert color(strip, 1) != tuple(picture(1).pixels[0, 0])
    assert "Taken over" in strip.film.tip(2)
    assert "Taken over" not in strip.film.tip(3)


def test_what_happened_at_a_step_is_marked_and_told(strip):
    fill(strip, 10)
    before = strip.film.viewport().grab().toImage()
    strip.mark({4: (Mark("edit", "Guidance 4 → 7 from here"),), 6: (Mark("branch", "Forked"),)})
    after = strip.film.viewport().grab().toImage()

    def differs(index: int) -> bool:
        cell = strip.film.cell(index).toRect().intersected(before.rect())
        return before.copy(cell) != after.copy(cell)

    assert [differs(index) for index in (3, 4, 5, 6)] == [False, True, False, True]
    assert strip.film.tip(4) == "Step 4\nGuidance 4 → 7 from here"


def test_a_step_s_menu_can_be_added_to(strip):
    fill(strip, 10)
    strip.menu_about_to_show.connect(lambda menu, index: menu.addAction(f"Export {index}"))
    assert [action.text() for action in strip.menu(3).actions()] == [
        "Continue from here…",
        "Export 3",
    ]


def test_few_steps_fit_and_many_scroll_with_the_newest_in_sight(strip):
    fill(strip, 20)
    assert strip.film.horizontalScrollBar().maximum() == 0
    assert all(seen(strip, index) for index in range(20))
    fill(strip, 1000, upto=500)
    assert strip.film.horizontalScrollBar().maximum() > 30_000
    assert seen(strip, 499)
    assert not seen(strip, 0)


def test_looking_at_a_step_keeps_it_in_sight_while_more_come(qtbot, strip):
    fill(strip, 200, upto=100)
    strip.select(50)
    assert seen(strip, 50)
    for index in range(100, 150):
        strip.add(index, picture(index), "")
    assert seen(strip, 50)
    strip.resize(500, 140)
    assert seen(strip, 50)


def test_only_what_is_seen_is_scaled(strip):
    fill(strip, 1000)
    strip.finish()
    strip.film.viewport().grab()
    assert len(strip.film.thumbs) < 60


def test_a_new_run_starts_afresh(strip):
    fill(strip, 10)
    strip.select(4)
    strip.start(5)
    assert strip.selected is None
    assert strip.film.film.pictures == {}
    strip.clear()
    assert strip.words.text() == ""
    assert strip.chosen == []
