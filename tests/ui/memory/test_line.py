from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Planned
from studio.core.memory import MEANINGS, PLANS
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session.session import Session
from studio.session.sharing import UNKNOWN, Sharing
from studio.ui.memory.line import MemoryLine
from tests.session.scripted import Scripted

GIB = 2**30
SAYS = "The text encoder leaves the GPU after reading the prompt: 5.1 of 6.0 GB free."


@pytest.fixture
def backend() -> Scripted:
    return Scripted()


@pytest.fixture
def session(backend: Scripted, tmp_path: Path) -> Iterator[Session]:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    yield Session(backend, library)
    library.close()


@pytest.fixture
def line(qtbot: QtBot, session: Session) -> MemoryLine:
    line = MemoryLine(Sharing(session))
    qtbot.addWidget(line)
    line.show()
    return line


def test_what_was_planned_is_said_and_how_much_of_the_memory_it_takes(
    line: MemoryLine, session: Session
) -> None:
    assert line.says.text() == UNKNOWN
    assert not line.bar.isVisible()
    session.receive(Planned("run", "encoders", SAYS, round(5.1 * GIB), 6 * GIB))
    assert line.says.text() == SAYS
    assert line.bar.isVisible()
    assert line.bar.share == pytest.approx(0.85)


def test_with_another_model_it_is_not_known_yet(line: MemoryLine, session: Session) -> None:
    session.receive(Planned("run", "full", SAYS, GIB, None))
    assert line.says.text() == SAYS
    assert not line.bar.isVisible()
    session.settings.model = "another"
    assert line.says.text() == UNKNOWN


def test_a_plan_is_chosen_in_the_menu_and_reaches_the_engine(
    line: MemoryLine, session: Session, backend: Scripted
) -> None:
    assert line.menu.plans["auto"].isChecked()
    line.menu.plans["model"].trigger()
    assert session.preferred.now.memory_plan == "model"
    assert session.preferred.now.limits.plan == "model"
    assert line.menu.plans["model"].isChecked()
    assert not line.menu.plans["auto"].isChecked()
    assert "One network at a time" in line.button.toolTip()
    session.preferred.set("memory_plan", "group")
    assert line.menu.plans["group"].isChecked()
    assert list(line.menu.plans) == [plan for plan, _ in PLANS]


def test_every_plan_says_what_it_costs(line: MemoryLine) -> None:
    assert set(MEANINGS) == {plan for plan, _ in PLANS}
    for action in line.menu.plans.values():
        assert action.toolTip().endswith(".")
    assert line.button.accessibleName()
    assert line.accessibleName()


def test_where_all_memory_is_one_there_is_nothing_to_choose(
    line: MemoryLine, session: Session
) -> None:
    session.receive(Planned("run", "full", SAYS, GIB, 6 * GIB, apart=False))
    assert [plan for plan, action in line.menu.plans.items() if action.isEnabled()] == ["auto"]
    assert "nowhere" in line.menu.plans["group"].toolTip()
    session.receive(Planned("run", "full", SAYS, GIB, 6 * GIB))
    assert all(action.isEnabled() for action in line.menu.plans.values())
