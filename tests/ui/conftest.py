"""What holds for tests of the window: each leaves the application as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def as_it_was(qapp: QApplication) -> Iterator[None]:
    """Widgets are deleted and the look is put back."""
    before, sheet = QPalette(qapp.palette()), qapp.styleSheet()
    yield
    # pytest-qt asks for the deletion of its widgets, which waits for an event loop. They must be
    # gone before the style sheet goes: Qt would keep pointers to them.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if qapp.styleSheet() != sheet:
        qapp.styleHints().setColorScheme(Qt.ColorScheme.Unknown)
        qapp.setStyleSheet(sheet)
        qapp.setPalette(before)
