from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from pytestqt.qtbot import QtBot

from studio.core.edits import Edit
from studio.core.events import Paused, Queued, Resumed, Started, Stopped
from studio.session.panes import Pane
from studio.session.session import Session
from studio.ui.step_menu import StepMenu
from studio.ui.steps import Steps
from tests.session.scripted import Scripted, new_session, play, stepped

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def steps(qtbot: QtBot, session: Session) -> Steps:
    made = Steps(session)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def begin(session: Session, batch: int = 1) -> None:
    session.settings.batch = batch
    session.generate()
    recipe = session.queue.runs["run1"].recipe
    session.receive(Queued("run1", recipe))
    session.receive(Started("run1", recipe, 0, 4))


def test_every_picture_of_a_batch_is_in_the_strip(session: Session, steps: Steps) -> None:
    begin(session, batch=3)
    session.receive(stepped("run1", 0, batch=3))
    film = steps.strip.film.film
    assert (film.batch, len(film.pictures[0])) == (3, 3)
    session.viewing.choose(2)
    assert film.image == 2
    steps.strip.image_selected.emit(1)
    run = session.viewing.run
    assert run is not None
    assert run.image == 1


def test_curves_follow_the_run_and_its_pictures(
    session: Session, steps: Steps, qtbot: QtBot
) -> None:
    qtbot.mouseClick(steps.curves_button, Left)
    assert steps.curves.isVisible()
    begin(session)
    session.receive(stepped("run1", 0))
    session.receive(stepped("run1", 1))
    wanted = ((0.0, 2.0), (1.0, 1.75))
    qtbot.waitUntil(lambda: steps.curves.plot.lines[0].curve.points == wanted)
    assert steps.curves.plot.current == 1
    steps.curves.picked.emit(0)
    assert session.viewing.step == 0
    assert steps.curves.readout.text().startswith("Step 0 · σ 2.00")
    session.select_step(1)
    assert steps.curves.readout.text().startswith("Step 1 · σ 1.75")


def test_curves_drawn_late_show_the_whole_run(session: Session, steps: Steps) -> None:
    session.generate()
    play(session, "run1")
    grown: list[int] = []
    steps.grown.connect(grown.append)
    steps.curves_button.setChecked(True)
    assert len(steps.curves.plot.lines[0].curve.points) == 4
    assert grown[0] > 0
    steps.curves_button.setChecked(False)
    assert grown[1] < 0
    assert not steps.curves.isVisible()


def test_how_steps_are_shown_is_remembered(qtbot: QtBot, session: Session, steps: Steps) -> None:
    steps.curves_button.setChecked(True)
    steps.curves.choose("log_snr", "")
    steps.strip.player.set_speed(2.0)
    steps.strip.player.set_loop(True)
    other = Steps(session)
    qtbot.addWidget(other)
    other.remember(steps.remembered())
    assert other.remembered() == steps.remembered()
    assert other.curves.names == ("log_snr", "")
    other.remember({"curves": 7, "speed": "fast", "loop": None, "quantities": ["x"]})
    assert other.remembered() == steps.remembered()


def test_a_run_compared_with_is_drawn_too(session: Session, steps: Steps) -> None:
    steps.curves_button.setChecked(True)
    for run in ("run1", "run2"):
        session.generate()
        play(session, run)
    session.select_step(1)
    line = steps.curves.plot.lines[0]
    assert line.other == ()
    session.comparison.start(Pane("run1"))
    assert len(steps.curves.plot.lines[0].other) == 4
    session.comparison.stop()
    assert steps.curves.plot.lines[0].other == ()


def test_a_step_is_taken_away_from_its_menu(session: Session, steps: Steps) -> None:
    session.generate()
    play(session, "run1")
    done: list[str] = []
    save, export = QAction("Save"), QAction("Export")
    save.triggered.connect(lambda: done.append("save"))
    export.triggered.connect(lambda: done.append("export"))
    StepMenu(session, steps.strip, save, export)
    session.select_step(2)
    menu = steps.strip.menu(2)
    actions = {action.text(): action for action in menu.actions()}
    for text in ("Save this step…", "Export the steps…", "Copy picture"):
        actions[text].trigger()
    assert done == ["save", "export"]
    assert QGuiApplication.clipboard().image().pixelColor(0, 0).red() == 20
    menu.deleteLater()


def test_an_edit_on_the_way_is_marked_at_once(session: Session, steps: Steps) -> None:
    begin(session)
    session.receive(stepped("run1", 0))
    run = session.queue.runs["run1"]
    assert steps.strip.film.film.marks == {}
    run.recipe = replace(run.recipe, edits=(Edit(1, {"guidance_scale": 9.0}),))
    session.queue.changed.emit(run)
    (mark,) = steps.strip.film.film.marks[1]
    assert mark.text == "Changed here: guidance 9 from step 1"


def test_a_run_is_held_up_from_the_strip(session: Session, steps: Steps, qtbot: QtBot) -> None:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    transport = steps.transport
    assert not transport.isVisible()
    begin(session)
    assert transport.isVisible()
    assert transport.pause.text() == "Pause"
    qtbot.mouseClick(transport.pause, Left)
    session.receive(Paused("run1", 0))
    assert (transport.pause.text(), transport.pause.accessibleName()) == ("Go on", "Go on")
    qtbot.mouseClick(transport.step, Left)
    session.receive(stepped("run1", 0))
    session.receive(Paused("run1", 1))
    qtbot.mouseClick(transport.pause, Left)
    session.receive(Resumed("run1"))
    assert transport.pause.text() == "Pause"
    assert backend.held == [("pause", "run1"), ("step", "run1"), ("resume", "run1")]
    session.queue.cancel()
    assert not transport.pause.isEnabled()
    session.receive(Stopped("run1"))
    assert not transport.isVisible()
