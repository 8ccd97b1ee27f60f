from __future__ import annotations

from pytestqt.qtbot import QtBot

from studio.core.recipe import MAX_SEED
from studio.ui.seedrow import SeedRow
from tests.session.scripted import new_session, play


def test_typing_keeps_the_seed(qtbot: QtBot) -> None:
    session = new_session()
    row = SeedRow(session)
    qtbot.addWidget(row)
    assert row.dice.isChecked()
    row.number.selectAll()
    qtbot.keyClicks(row.number, str(MAX_SEED))
    assert session.settings.seed == MAX_SEED
    assert not session.settings.random_seed
    assert not row.dice.isChecked()


def test_a_drawn_seed_is_shown_and_the_dice_stays_on(qtbot: QtBot) -> None:
    session = new_session()
    row = SeedRow(session)
    qtbot.addWidget(row)
    session.generate()
    assert row.number.value() == session.settings.seed
    assert session.settings.random_seed
    row.dice.click()
    assert not session.settings.random_seed


def test_reuse_takes_the_seed_of_the_picture_shown(qtbot: QtBot) -> None:
    session = new_session()
    row = SeedRow(session)
    qtbot.addWidget(row)
    session.settings.batch = 2
    session.generate()
    results = play(session, "run1")
    session.viewing.choose(1)
    row.reuse.click()
    assert session.settings.seed == results[1].record.recipe.seed
    assert not session.settings.random_seed
    assert row.number.value() == results[1].record.recipe.seed
