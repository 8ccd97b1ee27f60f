"""The export box and bar, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import BadInput
from studio.core.events import Exported, Exporting
from studio.core.exports import FORMS, Export
from studio.session.message import Message
from studio.session.session import Session
from studio.ui.exportbar import ExportBar
from studio.ui.exportbox import ExportBox
from tests.session.scripted import Scripted, new_session, play


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.generate()
    play(session, "run1")
    return session


@pytest.fixture
def box(session: Session, qtbot: QtBot, tmp_path: Path) -> ExportBox:
    box = ExportBox(session, ask=lambda suggested, _: tmp_path / suggested.name)
    qtbot.addWidget(box)
    return box


def exports(session: Session) -> list[Export]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return backend.exports


def test_every_choice_goes_into_the_export(
    box: ExportBox, session: Session, tmp_path: Path
) -> None:
    for combo, word in ((box.form, "mp4"), (box.view, "prompted")):
        combo.setCurrentIndex(combo.findData(word))
        combo.activated.emit(combo.currentIndex())
    box.fps.set_value(12.5)
    box.hold.set_value(3)
    box.width_.setValue(320)
    box.caption.setChecked(False)
    box.exact.setChecked(False)
    box.go.click()
    (asked,) = exports(session)
    path = tmp_path / "steps.mp4"
    assert asked == Export("run1", "mp4", path, 0, "prompted", 12.5, 3, False, 320, False)
    assert not box.isVisible()


def test_the_box_follows_the_choices(box: ExportBox, session: Session) -> None:
    session.exports.choose(form="gif", view="x", fps=4.0, hold=2.0, width=64, caption=False)
    assert box.form.currentData() == "gif"
    assert box.view.currentData() == "x"
    assert (box.fps.value(), box.hold.value(), box.width_.value()) == (4, 2, 64)
    assert not box.caption.isChecked()
    assert box.words.text() == "4 steps · 3.0 s"
    session.exports.choose(form="numbers")
    for control in (box.view, box.width_, box.caption, box.exact, box.fps, box.hold):
        assert not control.isEnabled()
    assert box.words.text() == "4 steps"


def test_without_guidance_there_is_no_view_of_it(box: ExportBox, session: Session) -> None:
    names = [box.view.itemData(index) for index in range(box.view.count())]
    assert "guidance" in names
    session.settings.guidance_scale = 1.0
    session.generate()
    play(session, "run2")
    names = [box.view.itemData(index) for index in range(box.view.count())]
    assert "guidance" not in names


def test_without_a_run_there_is_nothing_to_export(qtbot: QtBot) -> None:
    box = ExportBox(new_session())
    qtbot.addWidget(box)
    assert not box.go.isEnabled()
    assert box.words.text() == "No run with steps to export"


def test_the_look_plays_and_stops_with_the_box(box: ExportBox, qtbot: QtBot) -> None:
    box.show()
    box.fps.set_value(60)
    seen: set[int] = set()

    def moved() -> bool:
        shown = box.moving.pixmap().toImage()
        if not shown.isNull():
            seen.add(shown.pixel(shown.width() // 2, shown.height() // 2))
        return len(seen) >= 3

    qtbot.waitUntil(moved)
    box.hide()
    assert not box._timer.isActive()


def test_what_cannot_be_is_said_and_the_box_stays(
    box: ExportBox, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Message] = []
    session.said.connect(said.append)

    def refuse(self: Export) -> Export:
        raise BadInput("No such thing.", "Do another.")

    monkeypatch.setattr(Export, "check", refuse)
    box.show()
    box.go.click()
    assert said[-1].text == "No such thing."
    assert box.isVisible()
    box.hide()


def test_the_bar_shows_how_far_it_is_and_can_stop_it(session: Session, qtbot: QtBot) -> None:
    bar = ExportBar(session.exports)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    run = session.viewing.run
    assert run is not None
    path = Path("/films/steps.webp")
    assert session.exports.start(run, path) == "export1"
    session.receive(Exporting("run1", "export1", path, 3, 4))
    assert not bar.isHidden()
    assert bar.words.text() == "Exporting steps.webp"
    assert (bar.progress.value(), bar.progress.maximum()) == (3, 4)
    bar.stop.click()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert backend.cancelled == ["export1"]
    session.receive(Exported("run1", "export1", path, written=False))
    assert bar.isHidden()


def test_a_finished_export_is_said(session: Session) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    session.receive(Exported("run1", "export1", Path("/films/steps.webp")))
    assert said[-1].text == "The steps are in steps.webp."
    session.receive(Exported("run1", "export2", Path("/films/other.webp"), written=False))
    assert len(said) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_name_without_the_right_ending_gets_it(session: Session, form: str) -> None:
    session.exports.choose(form=form)
    run = session.viewing.run
    assert run is not None
    session.exports.start(run, Path("/films/my.steps"))
    assert exports(session)[-1].path == Path(f"/films/my.steps{FORMS[form].suffix}")


def test_choices_are_remembered_and_bad_ones_are_not(session: Session) -> None:
    session.exports.choose(form="pdf", fps=2.0)
    data = session.exports.to_json()
    again = new_session()
    again.exports.from_json(data)
    assert again.exports.choices == session.exports.choices
    for bad in ({"form": "avi"}, {"fps": "fast"}, {"hold": -1}, {"view": 3}, {"width": None}):
        again.exports.from_json({**data, **bad})
        assert again.exports.choices == session.exports.choices
