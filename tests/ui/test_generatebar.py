from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Awake, Loading, Started, Stopped
from studio.session.wording import duration
from studio.ui.generatebar import GenerateBar
from tests.session.scripted import asked, mask_for, new_session, picture, play, stepped


@pytest.fixture
def bar(qtbot: QtBot) -> GenerateBar:
    made = GenerateBar(new_session())
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_button_says_what_it_will_do_and_does_it(bar: GenerateBar) -> None:
    session, texts = bar.session, []
    for step in (
        lambda: None,
        lambda: session.desk.bring(picture(), "photo.jpg"),
        lambda: session.document.set_mask(mask_for(picture())),
        session.close_picture,
    ):
        step()
        texts.append((bar.generate.text(), bar.generate.accessibleName()))
    assert texts == [(word, word) for word in ("Generate", "Refine", "Fill", "Generate")]
    bar.generate.click()
    assert len(asked(session)) == 1


def test_progress_from_the_queue_to_the_end(bar: GenerateBar) -> None:
    session = bar.session
    assert not bar.cancel.isVisible()
    run = session.generate()
    assert run is not None
    assert (bar.cancel.isVisible(), bar.status.text()) == (True, "Starting the engine…")
    session.receive(Awake("cpu", "CPU"))
    assert bar.status.text() == "Waiting its turn…"
    session.receive(Loading("run1", "Loading the network…"))
    assert bar.status.text() == "Loading the network…"
    session.receive(Started("run1", run.recipe, 0, 4))
    session.receive(stepped("run1", 0))
    session.receive(stepped("run1", 1))
    session.generate()
    assert bar.status.text() == "Step 2 of 4 · 4 s left · 1 waiting"
    assert bar.bar.value() == 500
    session.receive(Stopped("run1"))
    session.queue.cancel()
    assert bar.status.text() == "Stopping…"
    assert not bar.cancel.isEnabled()
    session.receive(Stopped("run2"))
    assert not bar.cancel.isVisible()


def test_cancel_asks_the_engine(bar: GenerateBar) -> None:
    run = bar.session.generate()
    assert run is not None
    bar.cancel.click()
    assert run.stopping


def test_what_is_missing_is_said_below_the_button(bar: GenerateBar) -> None:
    bar.session.settings.width = 100
    assert bar.reason.isVisible()
    assert "multiples of 8" in bar.reason.text()
    bar.session.settings.width = 128
    assert not bar.reason.isVisible()


def test_a_finished_run_leaves_the_bar_as_it_was(bar: GenerateBar) -> None:
    bar.session.generate()
    play(bar.session, "run1")
    assert not bar.status.isVisible()
    assert bar.generate.text() == "Generate"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than 1 s"), (12.4, "12 s"), (125, "2 min"), (7500, "2 h 5 min")],
)
def test_time_left_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text
