from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.ui.resultbar import THUMB, ResultBar
from tests.session.scripted import new_session, picture, play


@pytest.fixture
def bar(qtbot: QtBot) -> ResultBar:
    made = ResultBar(new_session())
    qtbot.addWidget(made)
    return made


def test_one_picture_needs_no_bar(bar: ResultBar) -> None:
    bar.session.generate()
    play(bar.session, "run1")
    assert bar.isHidden()


def test_the_pictures_of_a_batch_are_chosen_by_key_and_by_the_session(
    bar: ResultBar, qtbot: QtBot
) -> None:
    session = bar.session
    session.settings.batch = 3
    run = session.generate()
    assert run is not None
    results = play(session, "run1")
    assert bar.isVisible()
    assert (bar.thumbs.count(), bar.caption.text()) == (3, "Result 1 of 3")
    assert not bar.accept.isVisible()
    qtbot.keyClick(bar.thumbs, Qt.Key.Key_Right)
    assert run.image == 1
    assert session.document.picture is results[1].picture
    session.viewing.choose(2)
    assert bar.thumbs.currentRow() == 2
    assert bar.caption.text() == "Result 3 of 3"


def test_the_batch_is_there_while_it_forms(bar: ResultBar) -> None:
    session = bar.session
    session.settings.batch = 2
    session.generate()
    play(session, "run1", finish=False)
    assert bar.thumbs.count() == 2
    session.viewing.choose(1)
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture.pixels[0, 0, 0] == 31


def test_a_result_over_a_photo_is_taken_or_not(bar: ResultBar) -> None:
    session = bar.session
    photo = picture(1)
    session.desk.bring(photo, "photo.jpg")
    session.generate()
    play(session, "run1")
    assert bar.accept.isVisible()
    bar.discard.click()
    assert bar.isHidden()
    assert session.document.picture is photo
    session.generate()
    (result,) = play(session, "run2")
    bar.accept.click()
    assert session.document.picture is result.picture
    assert bar.isHidden()


def test_compare_shows_the_photo_while_it_is_held(bar: ResultBar, qtbot: QtBot) -> None:
    session = bar.session
    session.desk.bring(picture(1), "photo.jpg")
    session.generate()
    play(session, "run1")
    qtbot.mousePress(bar.compare, Qt.MouseButton.LeftButton)
    assert session.viewing.shown is None
    qtbot.mouseRelease(bar.compare, Qt.MouseButton.LeftButton)
    assert session.viewing.shown is not None


def test_the_batch_of_a_fill_has_room_in_a_small_window(bar: ResultBar) -> None:
    session = bar.session
    session.desk.bring(picture(1), "photo.jpg")
    session.settings.batch = 9
    session.generate()
    play(session, "run1", changed_outside=12345)
    bar.resize(600, bar.sizeHint().height())
    assert bar.minimumSizeHint().width() <= 600
    assert bar.thumbs.width() >= 2 * THUMB
    items = [bar.thumbs.visualItemRect(bar.thumbs.item(row)) for row in range(9)]
    assert items[0].bottom() <= bar.thumbs.viewport().height()


def test_when_one_of_a_fills_results_is_taken_nothing_is_left_to_choose(bar: ResultBar) -> None:
    session = bar.session
    session.desk.bring(picture(1), "photo.jpg")
    session.settings.batch = 3
    session.generate()
    play(session, "run1")
    assert bar.thumbs.isVisible()
    bar.accept.click()
    assert bar.isHidden()


def test_all_of_the_caption_is_seen_in_a_small_window(bar: ResultBar) -> None:
    session = bar.session
    session.desk.bring(picture(1), "photo.jpg")
    session.generate()
    play(session, "run1", changed_outside=12345)
    wide = bar.heightForWidth(1000)
    for width in (1000, 420):
        bar.resize(width, bar.heightForWidth(width))
        label = bar.caption
        assert label.height() >= label.heightForWidth(label.width())
    assert bar.heightForWidth(1000) == wide < bar.heightForWidth(300)


def test_there_is_room_for_a_scroll_bar_only_while_there_is_one(qtbot: QtBot) -> None:
    session = new_session()
    bar = ResultBar(session)
    qtbot.addWidget(bar)
    session.settings.batch = 8
    run = session.generate()
    assert run is not None
    play(session, run.id)
    bar.show()
    bar.resize(1400, bar.sizeHint().height())
    qtbot.waitUntil(lambda: bar.thumbs.horizontalScrollBar().maximum() == 0)
    wide = bar.thumbs.height()
    bar.resize(420, bar.sizeHint().height())
    qtbot.waitUntil(lambda: bar.thumbs.horizontalScrollBar().maximum() > 0)
    assert bar.thumbs.height() > wide
    bar.resize(1400, bar.sizeHint().height())
    qtbot.waitUntil(lambda: bar.thumbs.height() == wide)
