from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.events import Catalogued
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import ModelInfo
from studio.session.session import Session
from studio.ui.models.picker import ModelPicker
from studio.ui.models.rows import everything, of_file, to_choose
from tests.session.scripted import LARGE, STARTER, new_session


def own(name: str, title: str = "SDXL") -> ModelInfo:
    path = Path(f"/models/{name}.safetensors")
    file = ModelFile(path, Role.CHECKPOINT, "sdxl", title, bytes=6_900_000_000, precision="fp16")
    return ModelInfo(name, name.title(), "sdxl", path, LARGE.abilities, file=file)


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.receive(Catalogued((STARTER, LARGE, own("juggernaut"), own("photo", "FLUX.1 dev"))))
    return session


@pytest.fixture
def picker(session: Session, qtbot: QtBot) -> ModelPicker:
    picker = ModelPicker(session)
    qtbot.addWidget(picker)
    picker.show()
    return picker


def shown(picker: ModelPicker) -> list[str]:
    rows = picker.list.view.list.shown
    return [row if isinstance(row, str) else row.name for row in rows]


def test_it_shows_the_model_in_use_and_follows_it(picker: ModelPicker, session: Session) -> None:
    assert picker.row.name == "starter"
    session.settings.model = "juggernaut"
    assert picker.row.title == "Juggernaut"
    assert picker.accessibleDescription() == "Juggernaut, SDXL · fp16, 6.9 GB"
    session.settings.model = "long gone"
    assert (picker.row.title, picker.row.about) == ("long gone", "Not among your models")


def test_typing_searches_and_enter_chooses(
    picker: ModelPicker, session: Session, qtbot: QtBot
) -> None:
    qtbot.mouseClick(picker, Qt.MouseButton.LeftButton)
    assert picker.list.isVisible()
    qtbot.keyClicks(picker.list.search, "flux")
    assert shown(picker) == ["FLUX.1 dev", "photo"]
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Return)
    assert session.settings.model == "photo"
    assert not picker.list.isVisible()


def test_keys_alone_choose_another_model(
    picker: ModelPicker, session: Session, qtbot: QtBot
) -> None:
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.list.view.chosen is not None
    assert picker.list.view.chosen.name == "starter"
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Return)
    assert session.settings.model == "large"


def test_escape_leaves_the_model_as_it_is(
    picker: ModelPicker, session: Session, qtbot: QtBot
) -> None:
    picker.open()
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Escape)
    assert not picker.list.isVisible()
    assert session.settings.model == "starter"


def test_favourites_come_first_and_then_what_was_used_last(
    picker: ModelPicker, session: Session, qtbot: QtBot
) -> None:
    picker.open()
    picker.list.search.setText("photo")
    qtbot.mouseClick(picker.list.star, Qt.MouseButton.LeftButton)
    picker.list.search.clear()
    session.settings.model = "juggernaut"
    assert session.generate() is not None
    assert shown(picker)[:4] == ["Favourites", "photo", "Recent", "juggernaut"]
    kept = session.collection.liked.to_json()
    again = new_session()
    again.collection.liked.from_json(kept | {"recent": ["juggernaut", 7]})
    assert again.collection.liked.favourites == ("photo",)
    assert again.collection.liked.recent == ("juggernaut",)
    picker.list.search.setText("photo")
    picker.list.toggle()
    assert session.collection.liked.favourites == ()


def test_words_that_no_model_has_are_answered(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    picker.list.search.setText("no such thing")
    assert picker.list.empty.isVisible()
    assert not picker.list.star.isEnabled()
    qtbot.keyClick(picker.list.search, Qt.Key.Key_Return)
    assert picker.list.isVisible()


def test_all_models_are_one_click_away(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open()
    with qtbot.waitSignal(picker.manage):
        qtbot.mouseClick(picker.list.all, Qt.MouseButton.LeftButton)
    assert not picker.list.isVisible()


def test_what_cannot_be_used_stands_last_with_its_reason() -> None:
    good, bad = own("juggernaut"), ModelFile(Path("/a.ckpt"), Role.DAMAGED, problem="It is cut.")
    lora = ModelFile(Path("/ink.safetensors"), Role.LORA, "sdxl", "SDXL", "LoHa")
    assert good.file is not None
    rows = everything((STARTER, good), (bad, good.file, lora))
    assert [row.group for row in rows] == ["Built in", "SDXL", "LoRAs", "Cannot be used"]
    assert of_file(lora).about == "SDXL · LoRA · LoHa"
    assert [row.name for row in to_choose((STARTER, good), ("gone",), ())] == [
        "juggernaut",
        "starter",
    ]
