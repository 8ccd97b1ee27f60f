"""The Forward view: what is seen of a picture on its way to noise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.core.events import Began, Catalogued, Forwarded, Noised
from studio.core.typeset import text
from studio.core.wishes import Begin, Forward
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session.session import Session
from studio.ui.forward import ForwardView
from studio.ui.forward_columns import TITLES, mixture
from studio.ui.window import Window
from tests.session.scripted import LARGE, STARTER, Scripted, new_session, picture

LEFT = Qt.MouseButton.LeftButton


def wishes(session: Session, kind: type) -> list:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, kind)]


def answer(session: Session, reached: int | None = None) -> None:
    wish = wishes(session, Forward)[-1]
    noised = tuple(
        Noised(process, 0.8, 0.6, 0.01, picture(10 * n), picture(5 * n), (1.0, 0.5, 0.0))
        for n, process in enumerate(TITLES)
    )
    session.receive(Forwarded(wish, wish.t if reached is None else reached, noised))


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.settings.random_seed = False
    session.desk.bring(picture(), "photo.png")
    return session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> ForwardView:
    made = ForwardView(session)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    qtbot.waitExposed(made)
    answer(session)
    return made


def test_slider_field_and_plot_are_one_time(
    view: ForwardView, session: Session, qtbot: QtBot
) -> None:
    view.slider.setValue(450)
    assert (view.field.value(), view.plot.t, view.forwarding.t) == (450, 450, 450)
    answer(session)
    view.field.setValue(12)
    assert (view.slider.value(), view.plot.t) == (12, 12)
    area = view.plot.area
    place = QPoint(round(area.left() + area.width() * 0.7), round(area.center().y()))
    qtbot.mouseClick(view.plot, LEFT, pos=place)
    assert view.slider.value() == pytest.approx(700, abs=2)
    view.forwarding.move(t=3)
    assert (view.slider.value(), view.field.value()) == (3, 3)


def test_every_process_shows_its_pictures_and_numbers(view: ForwardView, session: Session) -> None:
    for n, process in enumerate(TITLES):
        column = view.columns.columns[process]
        assert column.jump.picture is not None
        assert column.chain.picture is not None
        assert (column.jump.picture.pixels == 10 * n).all()
        assert (column.chain.picture.pixels == 5 * n).all()
        assert column.mixed.accessibleName() == "x_t = 0.8000·x₀ + 0.6000·ε"
        assert column.snr.text().startswith("SNR 1.7778")
    assert text(mixture(0.25, 0.5)) == "x_t = 0.2500·x₀ + 0.5000·ε"
    assert "look closely" in view.columns.words.text()


def test_steps_that_are_not_there_yet_say_so(view: ForwardView, session: Session) -> None:
    view.slider.setValue(900)
    answer(session, reached=360)
    assert view.columns.columns["linear"].chain.note == "step 360 of 900"
    answer(session)
    assert view.columns.columns["linear"].chain.note == ""


def test_shared_noise_and_latents_go_both_ways(
    view: ForwardView, session: Session, qtbot: QtBot
) -> None:
    view.shared.click()
    assert wishes(session, Forward)[-1].shared
    answer(session)
    assert "to the pixel" in view.columns.words.text()
    view.spaces.buttons()[1].click()
    assert wishes(session, Forward)[-1].latents
    answer(session)
    assert "linear preview" in view.says.text()
    view.forwarding.move(shared=False, latents=False)
    assert (view.shared.isChecked(), view.spaces.buttons()[0].isChecked()) == (False, True)


def test_it_plays_no_faster_than_the_pictures_come(
    view: ForwardView, session: Session, qtbot: QtBot
) -> None:
    view.forwarding.move(t=980)
    answer(session)
    view.play.click()
    assert view.playing
    qtbot.waitUntil(lambda: view.forwarding.t == 988)
    qtbot.wait(100)
    assert view.forwarding.t == 988
    answer(session)
    qtbot.waitUntil(lambda: view.forwarding.t == 996)
    answer(session)
    qtbot.waitUntil(lambda: not view.playing)
    assert view.forwarding.t == 1000
    answer(session)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert (view.playing, view.forwarding.t) == (True, 0)
    view.close()
    assert not view.playing


def test_the_strength_is_the_panels_and_rest_asks_for_the_very_sample(
    view: ForwardView, session: Session, qtbot: QtBot
) -> None:
    view.start.strength.field.setValue(35)
    assert session.settings.strength == 0.35
    session.settings.strength = 0.5
    assert view.start.strength.whole() == 50
    wish = wishes(session, Begin)[-1]
    session.receive(Began(wish, picture(), 10, 20, 0.6, 0.8, 499.0, "pixels"))
    assert "step 10 of 20" in view.start.numbers.text()
    assert "t = 499" in view.start.numbers.text()
    assert view.start.mixed.accessibleName() == "x_t = 0.6000·x₀ + 0.8000·ε"
    qtbot.waitUntil(lambda: wishes(session, Begin)[-1].exact)
    exact = wishes(session, Begin)[-1]
    session.receive(Began(exact, picture(7), 10, 20, 0.6, 0.8, 499.0, "decoded"))
    assert view.start.picture.picture is not None
    assert (view.start.picture.picture.pixels == 7).all()
    assert "very sample" in view.start.words.text()
    view.start.go.click()
    assert view.forwarding.t == 500


def test_what_keeps_a_run_from_starting_is_said(view: ForwardView, session: Session) -> None:
    wish = wishes(session, Begin)[-1]
    session.receive(Began(wish, None, reason="This size does not do. Use another."))
    assert view.start.words.text() == "This size does not do. Use another."
    assert not view.start.go.isEnabled()


def test_without_a_picture_it_says_what_to_do(view: ForwardView, session: Session) -> None:
    session.close_picture()
    assert view.empty.isVisible()
    assert not view.columns.isVisible()
    assert not view.slider.isEnabled()
    view.hide()
    count = len(wishes(session, Forward))
    session.desk.bring(picture(), "other.png")
    assert len(wishes(session, Forward)) == count


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    folders = Folders(tmp_path / "pictures", tmp_path / "data")
    library = Library(folders)
    made = Window(Session(Scripted(), library), folders)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.session.receive(Catalogued((STARTER, LARGE)))
    yield made
    library.close()


def test_f3_and_the_eye_beside_the_strength_open_it(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ForwardView, "raise_", lambda self: None)
    window.session.desk.bring(picture(), "photo.png")
    window.session.desk.use_source = True
    eye = window.panel.source.strength.findChild(type(window.learning.button), "see_strength")
    assert eye is not None
    assert eye.accessibleName()
    eye.click()
    view = window.learning.forward_view
    assert view is not None
    qtbot.waitExposed(view)
    assert wishes(window.session, Begin)
    view.close()
    qtbot.keyClick(window, Qt.Key.Key_F3)
    assert view.isVisible()
    view.close()
