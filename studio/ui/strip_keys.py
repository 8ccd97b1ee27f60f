"""The keys that go from step to step, the same in the strip and in the curves below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.ui.strip_model import Film

Key = Qt.Key


def is_step_key(event: QKeyEvent) -> bool:
    """Whether the key goes to another step; with modifiers it means something else."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and event.key() in (
        Key.Key_Left,
        Key.Key_Right,
        Key.Key_PageUp,
        Key.Key_PageDown,
        Key.Key_Home,
        Key.Key_End,
    )


def step_for(event: QKeyEvent, film: Film) -> int | None:
    """The step that such a key goes to, if there is any."""
    far = max(2, film.steps // 10)
    by = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_PageUp: -far, Key.Key_PageDown: far}
    key = Qt.Key(event.key())
    if key == Key.Key_Home:
        return film.oldest
    return film.newest if key == Key.Key_End else film.neighbour(by[key])
