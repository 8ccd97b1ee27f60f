from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from studio.core.saving import Saving
from studio.imaging.opening import open_native
from studio.session.session import Session
from studio.ui.savebox import SaveBox
from tests.imaging.photos import native, swapped_profile, write
from tests.session.scripted import new_session, picture


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = new_session()
    made.open_file(write(tmp_path, native("RGB", 16, profile=swapped_profile())))
    return made


def opened(session: Session, qtbot: QtBot, folder: Path) -> SaveBox:
    box = SaveBox(session, str(folder), ask=lambda path, _: path)
    qtbot.addWidget(box)
    box.open()
    return box


def choose(box: SaveBox, field: str, value: str) -> None:
    combo: QComboBox = box.combos[field]
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_every_control_says_and_sets_what_is_chosen(session, qtbot, tmp_path):
    session.saving = Saving("JPEG", 70, "4:2:0", metadata="none", profile="srgb", depth="8")
    box = opened(session, qtbot, tmp_path)
    assert {field: combo.currentData() for field, combo in box.combos.items()} == {
        "form": "JPEG",
        "sampling": "4:2:0",
        "compression": "deflate",
        "depth": "8",
        "profile": "srgb",
        "metadata": "none",
    }
    assert box.quality.whole() == 70
    for field, value in {
        "form": "WEBP",
        "sampling": "4:2:2",
        "compression": "none",
        "depth": "16",
        "profile": "original",
        "metadata": "no recipe",
    }.items():
        choose(box, field, value)
    box.quality.field.setValue(44)
    box.lossless.click()
    assert session.saving == Saving(
        "WEBP", 44, "4:2:2", True, "none", "16", "no recipe", "original"
    )


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("PNG", {"depth"}),
        ("JPEG", {"quality", "sampling"}),
        ("WEBP", {"quality", "lossless"}),
        ("TIFF", {"depth", "compression"}),
        ("AVIF", {"quality", "sampling"}),
    ],
)
def test_only_what_the_format_has_is_shown(session, qtbot, tmp_path, form, shown):
    box = opened(session, qtbot, tmp_path)
    choose(box, "form", form)
    rows = {"quality": box.quality, "lossless": box.lossless, **box.combos}
    del rows["form"], rows["metadata"], rows["profile"]
    assert {name for name, row in rows.items() if row.isVisible()} == shown
    assert box.combos["profile"].isVisible()


def test_it_says_what_stays(session, qtbot, tmp_path):
    box = opened(session, qtbot, tmp_path)
    choose(box, "form", "TIFF")
    assert "exactly as it is in photo.tiff" in box.about.text()
    assert box.combos["depth"].itemText(0) == "As the photo: 16 bits"
    assert box.combos["profile"].itemText(0) == "As the photo: swap built-in"
    choose(box, "depth", "8")
    assert "exactly" not in box.about.text()
    choose(box, "form", "JPEG")
    assert "changes every pixel" in box.about.text()
    choose(box, "metadata", "none")
    assert "Nothing about the picture" in box.about.text()


def test_the_size_is_estimated(session, qtbot, tmp_path):
    box = opened(session, qtbot, tmp_path)
    qtbot.waitUntil(lambda: box.size_.text().startswith("About"))


def test_it_saves_where_one_says(session, qtbot, tmp_path):
    box = opened(session, qtbot, tmp_path)
    choose(box, "form", "TIFF")
    box.go.click()
    assert not box.isVisible()
    saved = open_native(tmp_path / "photo-edited.tiff")
    assert np.array_equal(saved.samples, open_native(tmp_path / "photo.tiff").samples)


def test_a_picture_without_a_photo_has_no_colours_to_keep(qtbot, tmp_path):
    session = new_session()
    session.desk.bring(picture(), "a")
    box = opened(session, qtbot, tmp_path)
    assert not box.combos["profile"].isVisible()
    assert box.about.text() == ""
