"""The window. It only arranges: docks around a canvas, and where they were the last time."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QWidget

from studio.core.errors import StudioError
from studio.session import memory, safekeeping
from studio.session.message import Message
from studio.session.session import Session
from studio.ui.actions import Actions
from studio.ui.bind import watch
from studio.ui.canvas_keys import press_key
from studio.ui.controls import name
from studio.ui.exportbar import ExportBar
from studio.ui.exportbox import ExportBox
from studio.ui.filesbar import FilesBar
from studio.ui.history_panel import HistoryPanel
from studio.ui.learning import Learning
from studio.ui.models.downloadbar import DownloadBar
from studio.ui.models.page import ModelsPage
from studio.ui.panel import Panel
from studio.ui.stage import Stage
from studio.ui.step_menu import StepMenu
from studio.ui.steps import Steps
from studio.ui.theme import Theme, mode_named

if TYPE_CHECKING:
    from studio.library.folders import Folders

TITLE = "Diffusion Studio"
LAYOUT = 2
"""Raised when docks come or go, so that an older arrangement is not forced on them."""
AUTOSAVE = 3000
"""Milliseconds after the last change until the settings are written."""
LEFT, BOTTOM, RIGHT = 328, 172, 244
ROOMY = 860
"""Height of a screen from which the curves are shown at the very first start."""


class Window(QMainWindow):
    """Closing it keeps everything for the next start; the engine is the caller's to close."""

    def __init__(self, session: Session, folders: Folders) -> None:
        super().__init__()
        from studio.library.state import load_state

        self.session = session
        self.folders = folders
        self._state: dict[str, Any] = load_state(folders)
        look = self._part("window")
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.theme = Theme(app, mode_named(look.get("theme")), self)
        self.folder = str(look.get("folder", ""))
        memory.restore_settings(session, self._part("session"))

        self.setWindowTitle(TITLE)
        self.setObjectName("window")
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.stage = Stage(session)
        self.setCentralWidget(self.stage)
        self.panel = Panel(session)
        self.steps = Steps(session)
        self.history = HistoryPanel(session.past)
        self.docks = (
            self.add_panel("Settings", "settings_dock", self.panel),
            self.add_panel("Steps", "steps_dock", self.steps),
            self.add_panel("History", "history_dock", self.history),
        )
        self.learning = Learning(self)
        self.export_box = ExportBox(session, self)
        self.models_page = ModelsPage(session, self)
        self.panel.model.manage.connect(lambda: self.models_page.open_at(self.models_page.yours))
        self.actions_ = Actions(self)
        StepMenu(session, self.steps.strip, self.actions_.save, self.actions_.export)
        self.device = QLabel("Starting the engine…")
        name(self.device, "device", "Device")
        self.place = QLabel()
        name(self.place, "zoom", "Zoom and position")
        self.statusBar().addWidget(self.device)
        downloads = DownloadBar(session.downloads, self)
        downloads.wanted.connect(lambda: self.models_page.open_at(self.models_page.browse))
        self.statusBar().addPermanentWidget(downloads)
        self.statusBar().addPermanentWidget(FilesBar(session.clerk, self))
        self.statusBar().addPermanentWidget(ExportBar(session.exports, self))
        self.statusBar().addPermanentWidget(self.place)
        self.statusBar().setSizeGripEnabled(False)
        self.stage.canvas.status_changed.connect(self.place.setText)
        watch(session.awake, self, self._show_device)
        watch(session.document.picture_changed, self, self._show_title)
        self.history.set_tree(look.get("tree") is True)
        steps = look.get("steps")
        roomy = self.screen().availableGeometry().height() >= ROOMY
        self.steps.remember(steps if isinstance(steps, dict) else {"curves": roomy})
        self.steps.grown.connect(self._grow_steps)
        compare = look.get("compare")
        session.comparison.from_json(compare if isinstance(compare, dict) else {})
        self.reset_layout()
        self._restore_layout(look)

        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.setInterval(AUTOSAVE)
        self._autosave.timeout.connect(self._save_settings)
        watch(session.action_changed, self, self._changed)
        watch(session.preferred.changed, self, self._changed)
        watch(session.document.history_changed, self, self._changed)
        watch(session.clerk.changed, self, self._file_done)
        self._opened = self._closing = False
        self.panel.prompt.setFocus()

    def reset_layout(self) -> None:
        """Panels where they were at the very first start."""
        settings, steps, history = self.docks
        sides = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, sides.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, sides.BottomDockWidgetArea)
        for dock, side in (
            (settings, sides.LeftDockWidgetArea),
            (steps, sides.BottomDockWidgetArea),
            (history, sides.RightDockWidgetArea),
        ):
            dock.setFloating(False)
            self.addDockWidget(side, dock)
            dock.show()
        self.learning.reset_layout()
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.resizeDocks([settings, history], [LEFT, RIGHT], across)
        self.resizeDocks([steps], [BOTTOM + self.steps.curves_height], down)

    def save_state(self) -> bool:
        """Keep window and session for the next start; False if that could not be written."""
        self._autosave.stop()
        self._state["session"] = memory.snapshot(self.session)
        return self._write()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._opened:
            self._opened = True
            # Once the window is painted: pictures are slower to read than settings.
            QTimer.singleShot(0, self, self._bring_back)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.collection.glance()  # there may be new files of models

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The canvas's keys work from every button and slider that has no use for them itself.
        if not press_key(self.stage.canvas, event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closing = self.session.clerk.saving
        if self._closing:
            event.ignore()  # until it is saved, or it is said why not
            return
        self.hide()
        self.save_state()
        super().closeEvent(event)

    def _file_done(self) -> None:
        if self._closing and not self.session.clerk.saving:
            QTimer.singleShot(0, self, self._close_if_saved)  # after it was told how it went

    def _close_if_saved(self) -> None:
        message = self.stage.messages.message
        if message is None or message.kind != "error":
            self.close()

    def add_panel(self, title: str, object_name: str, content: QWidget) -> QDockWidget:
        """A dock, not yet anywhere: `reset_layout` says where."""
        dock = QDockWidget(title, self)
        dock.setObjectName(object_name)
        dock.setWidget(content)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        return dock

    def _bring_back(self) -> None:
        memory.restore_picture(self.session, self._part("session"))
        # After the picture, whose coming sets the size to a part of its own.
        self.stage.canvas.pen.from_json(self._part("window").get("brush"))
        self.session.past.refresh()

    def _grow_steps(self, by: int) -> None:
        dock = self.docks[1]
        self.resizeDocks([dock], [dock.height() + by], Qt.Orientation.Vertical)

    def _restore_layout(self, look: dict[str, Any]) -> None:
        geometry, layout = _bytes(look.get("geometry")), _bytes(look.get("layout"))
        if not (geometry and self.restoreGeometry(geometry)):
            self.resize(1440, 900)
        if layout:
            self.restoreState(layout, LAYOUT)

    def _changed(self, *_: object) -> None:
        self._autosave.start()

    def _save_settings(self) -> None:
        """What can be written at once, while working: a crash then costs no prompt."""
        self._save_quickly()
        safekeeping.keep(self.session, self._save_quickly)

    def _save_quickly(self) -> None:
        self._state["session"] = memory.snapshot(self.session, quick=True)
        self._write()

    def _write(self) -> bool:
        from studio.library.state import save_state

        pen = self.stage.canvas.pen
        self._state["window"] = {
            "geometry": _text(self.saveGeometry()),
            "layout": _text(self.saveState(LAYOUT)),
            "theme": self.theme.mode,
            "folder": self.folder,
            "steps": self.steps.remembered(),
            "compare": self.session.comparison.to_json(),
            "tree": self.history.is_tree,
            "brush": pen.to_json(),
        }
        try:
            save_state(self.folders, self._state)
        except StudioError as error:
            self.session.say(Message.of(error, "warning"))
            return False
        return True

    def _show_device(self, device: str) -> None:
        self.device.setText(device)

    def _show_title(self) -> None:
        document = self.session.document
        self.setWindowTitle(f"{document.name} – {TITLE}" if document.name else TITLE)

    def _part(self, key: str) -> dict[str, Any]:
        part = self._state.get(key)
        return part if isinstance(part, dict) else {}


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _bytes(text: object) -> QByteArray | None:
    try:
        return QByteArray(base64.b64decode(str(text), validate=True)) if text else None
    except (binascii.Error, ValueError):
        return None
