"""Lucide's line icons, in the palette's own colours, at any size and scaling."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol
from weakref import WeakKeyDictionary

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.core.resources import resource

SIZES = (16, 20, 24, 32, 48)
"""Pixel sizes drawn ahead, so that one icon is crisp from 100 % to 200 % scaling."""


APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon, /) -> None: ...


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """The icon called `name` by Lucide, in the application's colour of that role.

    The colours are those of this moment: `dress` follows a change of theme.
    Raises FileNotFoundError for a name that is not in `resources/icons`.
    """
    palette = QGuiApplication.palette()
    made = QIcon()
    for mode, group in (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    ):
        for size in SIZES:
            made.addPixmap(pixmap(name, size, palette.color(group, role)), mode)
    return made


def pixmap(name: str, size: int, color: QColor) -> QPixmap:
    """The icon as a square of `size` device pixels."""
    svg = _svg(name).replace("currentColor", color.name())
    picture = QPixmap(QSize(size, size))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def app_icon() -> QIcon:
    """The application's own, in colours of its own, for windows and the task bar."""
    made = QIcon()
    for size in APP_SIZES:
        made.addPixmap(pixmap("app", size, QColor("black")))
    return made


def true_icon(pixels: QPixmap) -> QIcon:
    """A picture whose colours stay as they are when it is chosen: Qt would tint it."""
    made = QIcon(pixels)
    made.addPixmap(pixels, QIcon.Mode.Selected)
    return made


_dressed: WeakKeyDictionary[HasIcon, tuple[str, QPalette.ColorRole]] = WeakKeyDictionary()


def dress(
    target: HasIcon, name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText
) -> None:
    """Give a button or action an icon that follows changes of theme."""
    _dressed[target] = (name, role)
    target.setIcon(icon(name, role))


def redress() -> None:
    """Draw every dressed icon again, in the colours of now."""
    from shiboken6 import isValid

    for target, (name, role) in list(_dressed.items()):
        if isValid(target):
            target.setIcon(icon(name, role))


@lru_cache(maxsize=64)
def _svg(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")
