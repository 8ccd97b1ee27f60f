from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.core.picture import Picture
from studio.ui.canvas import CanvasView
from studio.ui.mask_menu import MaskMenu
from studio.ui.mask_panel import OPERATIONS, MaskPanel
from tests.session.scripted import new_session


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def menu(window: QWidget) -> MaskMenu:
    session = new_session()
    canvas = CanvasView(session.document, window)
    panel = MaskPanel(session.document, canvas.pen, canvas)
    window.show()
    return MaskMenu(session, panel, window)


def opened(menu: MaskMenu) -> None:
    menu.session.document.open(Picture(np.zeros((40, 60, 3), np.uint8)), "photo.jpg")


def test_what_can_be_done_follows_the_mask(menu):
    whole = (menu.all, menu.invert, menu.load)
    masked = (menu.clear_mask, menu.save, *menu.amounts.values())
    assert not any(action.isEnabled() for action in (*whole, *masked))
    opened(menu)
    assert all(action.isEnabled() for action in whole)
    assert not any(action.isEnabled() for action in masked)
    menu.all.trigger()
    assert (menu.session.document.mask.pixels == 255).all()
    assert all(action.isEnabled() for action in masked)
    menu.invert.trigger()
    assert not menu.session.document.has_mask
    menu.session.document.undo()
    menu.clear_mask.trigger()
    assert not menu.session.document.has_mask


def test_every_operation_opens_the_panel(menu):
    opened(menu)
    menu.all.trigger()
    for operation in OPERATIONS:
        menu.amounts[operation.field].trigger()
        assert menu.panel.operation is operation
        menu.panel.leave()


def test_a_mask_is_saved_and_loaded(menu, monkeypatch, tmp_path: Path):
    opened(menu)
    document = menu.session.document
    menu.all.trigger()
    path = tmp_path / "made.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    menu.save.trigger()
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("L", (60, 40))
    menu.clear_mask.trigger()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    menu.load.trigger()
    assert (document.mask.pixels == 255).all()


def test_nothing_happens_when_no_file_is_chosen(menu, monkeypatch):
    opened(menu)
    menu.all.trigger()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    said = []
    menu.session.said.connect(said.append)
    menu.save.trigger()
    menu.load.trigger()
    assert not said
