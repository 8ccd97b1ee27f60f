"""Light and dark: Fusion, neutral greys that leave colours to the pictures, and one accent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from studio.core.resources import resource
from studio.ui.icons import redress

Mode = Literal["system", "light", "dark"]
MODES: tuple[tuple[Mode, str], ...] = (
    ("system", "Follow the system"),
    ("light", "Light"),
    ("dark", "Dark"),
)


def mode_named(name: object) -> Mode:
    """The mode of that name; the system's for anything else."""
    return next((mode for mode, _ in MODES if mode == name), "system")


@dataclass(frozen=True)
class Tones:
    """`muted` text has a contrast of at least 4.5:1 on `window`, `text` of at least 10:1."""

    window: str
    field: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    canvas: str
    accent: str
    chosen: str
    on_accent: str
    second: str
    warning: str
    error: str


DARK = Tones(
    window="#232425",
    field="#1a1b1c",
    raised="#313335",
    line="#3f4245",
    text="#e6e7e8",
    muted="#a3a7ab",
    faint="#6f7478",
    canvas="#161717",
    accent="#3f76e0",
    chosen="#2a3958",
    on_accent="#ffffff",
    second="#d99a3c",
    warning="#e0a83f",
    error="#ef6b62",
)
LIGHT = Tones(
    window="#f0f0f1",
    field="#ffffff",
    raised="#fafafa",
    line="#cfd1d3",
    text="#1d1f21",
    muted="#5c6166",
    faint="#93989d",
    canvas="#dcdddf",
    accent="#2f66d6",
    chosen="#d5e1f8",
    on_accent="#ffffff",
    second="#b4690e",
    warning="#8f5f00",
    error="#c0322a",
)


def palette(tones: Tones) -> QPalette:
    """The tones as Qt's roles. `Dark` is the canvas's surround, `Mid` lines and outlines,
    `LinkVisited` a second colour, for what must be told from the accent."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, color in (
        (role.Window, tones.window),
        (role.WindowText, tones.text),
        (role.Base, tones.field),
        (role.AlternateBase, tones.window),
        (role.Text, tones.text),
        (role.PlaceholderText, tones.muted),
        (role.Button, tones.raised),
        (role.ButtonText, tones.text),
        (role.BrightText, tones.error),
        (role.ToolTipBase, tones.raised),
        (role.ToolTipText, tones.text),
        (role.Highlight, tones.accent),
        (role.HighlightedText, tones.on_accent),
        (role.Accent, tones.accent),
        (role.Link, tones.accent),
        (role.LinkVisited, tones.second),
        (role.Light, tones.raised),
        (role.Midlight, tones.line),
        (role.Mid, tones.line),
        (role.Dark, tones.canvas),
        (role.Shadow, "#000000"),
    ):
        made.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(tones.faint))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(tones.line))
    return made


def style_sheet(tones: Tones) -> str:
    """What a palette cannot say: the quiet headings, the one loud button, flat docks."""
    return f"""
    QLabel[quiet="true"] {{ color: {tones.muted}; }}
    QLabel[warning="true"] {{ color: {tones.warning}; }}
    QLabel[heading="true"] {{ color: {tones.muted}; font-weight: 600; }}
    QToolTip {{ color: {tones.text}; background: {tones.raised};
        border: 1px solid {tones.line}; padding: 4px 6px; }}
    QMainWindow::separator {{ background: {tones.canvas}; width: 4px; height: 4px; }}
    QMainWindow::separator:hover {{ background: {tones.accent}; }}
    QDockWidget::title {{ padding: 7px 10px; background: {tones.window}; text-align: left; }}
    QDockWidget {{ color: {tones.muted}; font-weight: 600; }}
    QScrollArea {{ border: none; background: transparent; }}
    QStatusBar {{ color: {tones.muted}; }}
    QStatusBar::item {{ border: none; }}
    QPushButton[primary="true"] {{ background: {tones.accent}; color: {tones.on_accent};
        border: 1px solid {tones.accent}; border-radius: 6px; padding: 8px 14px;
        font-weight: 600; }}
    QPushButton[primary="true"]:hover {{ border-color: {tones.text}; }}
    QPushButton[primary="true"]:pressed {{ background: {tones.line}; color: {tones.text}; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {tones.text}; padding: 7px 13px; }}
    QPushButton[primary="true"]:disabled {{ background: {tones.raised}; color: {tones.faint};
        border-color: {tones.line}; }}
    QPushButton[secondary="true"] {{ background: {tones.raised}; color: {tones.text};
        border: 1px solid {tones.line}; border-radius: 6px; padding: 8px 12px; }}
    QPushButton[secondary="true"]:hover, QPushButton[secondary="true"]:focus {{
        border-color: {tones.accent}; }}
    QPushButton[secondary="true"]:disabled {{ color: {tones.faint}; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {tones.faint};
        border-radius: 3px; background: {tones.field}; }}
    QCheckBox::indicator:focus {{ border-color: {tones.accent}; }}
    QCheckBox::indicator:checked {{ background: {tones.accent}; border-color: {tones.accent};
        image: url("{resource("icons", "check-white.svg").as_posix()}"); }}
    QCheckBox::indicator:checked:disabled {{ background: {tones.faint};
        border-color: {tones.faint}; }}
    QListView[thumbs="true"] {{ background: transparent; border: none; outline: none; }}
    QListView[thumbs="true"]::item {{ border: 2px solid transparent; border-radius: 5px; }}
    QListView[thumbs="true"]::item:hover {{ border-color: {tones.line}; }}
    QListView[thumbs="true"]::item:selected {{ border-color: {tones.accent};
        background: {tones.chosen}; }}
    QListView[names="true"] {{ background: {tones.raised}; border: 1px solid {tones.line};
        outline: none; }}
    QListView[names="true"]::item {{ padding: 3px 5px; border-radius: 3px; }}
    QListView[names="true"]::item:hover {{ background: {tones.line}; }}
    QListView[names="true"]::item:selected {{ background: {tones.accent};
        color: {tones.on_accent}; }}
    QTreeView[tree="true"] {{ background: transparent; border: none; outline: none;
        selection-background-color: transparent; }}
    QTreeView[tree="true"]::item, QTreeView[tree="true"]::item:selected,
    QTreeView[tree="true"]::item:hover, QTreeView[tree="true"]::branch {{
        background: transparent; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; margin: 0; }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 0; }}
    QScrollBar::handle {{ background: {tones.line}; border-radius: 3px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 28px; }}
    QScrollBar::handle:horizontal {{ min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {tones.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QFrame[bar="true"] {{ background: {tones.raised}; border: none;
        border-bottom: 1px solid {tones.line}; border-top: 1px solid {tones.line}; }}
    QFrame[bar="true"] QLabel {{ background: transparent; border: none; }}
    QFrame[strip="true"] {{ background: {tones.window}; border: none; }}
    QToolButton[swatch="true"] {{ border: 2px solid {tones.line}; border-radius: 5px; }}
    QToolButton[swatch="true"]:hover, QToolButton[swatch="true"]:focus {{
        border-color: {tones.muted}; }}
    QToolButton[swatch="true"]:checked {{ border-color: {tones.accent}; }}
    QFrame[card="true"] {{ background: {tones.raised}; border: 1px solid {tones.line};
        border-radius: 6px; }}
    QFrame[card="true"] QLabel {{ background: transparent; border: none; }}
    QToolButton[flat="true"] {{ border: 1px solid transparent; border-radius: 5px; padding: 4px;
        background: transparent; }}
    QToolButton[flat="true"]:hover, QToolButton[flat="true"]:focus {{
        border-color: {tones.line}; background: {tones.raised}; }}
    QToolButton[flat="true"]:checked {{ background: {tones.chosen};
        border-color: {tones.accent}; }}
    QToolButton[flat="true"]::menu-indicator {{ image: none; }}
    QToolButton[bare="true"] {{ border: 1px solid transparent; border-radius: 5px; padding: 2px;
        background: transparent; }}
    QToolButton[bare="true"]:hover, QToolButton[bare="true"]:focus {{
        border-color: {tones.line}; background: {tones.raised}; }}
    QToolButton[chip="true"] {{ border: 1px solid {tones.line}; border-radius: 8px;
        padding: 1px 7px; background: {tones.raised}; color: {tones.muted}; }}
    QToolButton[chip="true"]:hover, QToolButton[chip="true"]:focus {{
        border-color: {tones.accent}; color: {tones.text}; }}
    QToolButton[chip="true"]::menu-indicator {{ image: none; }}
    QStatusBar QLabel {{ padding: 0 6px; color: {tones.muted}; }}
    """


class Theme(QObject):
    """The application's look; follows the system's unless told otherwise."""

    def __init__(
        self, app: QApplication, mode: Mode = "system", parent: QObject | None = None
    ) -> None:
        super().__init__(parent or app)
        self._app = app
        self.mode: Mode = mode
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.set_mode(mode)

    @property
    def tones(self) -> Tones:
        return DARK if self.dark else LIGHT

    @property
    def dark(self) -> bool:
        if self.mode == "system":
            return self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.mode == "dark"

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or be light or dark whatever it says."""
        self.mode = mode
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        # Native parts (title bar, file dialogs) follow this where the platform can.
        self._app.styleHints().setColorScheme(schemes.get(mode, Qt.ColorScheme.Unknown))
        self._apply()

    def _follow(self, _scheme: Qt.ColorScheme) -> None:
        self._apply()

    def _apply(self) -> None:
        self._app.setPalette(palette(self.tones))
        self._app.setStyleSheet(style_sheet(self.tones))
        redress()
