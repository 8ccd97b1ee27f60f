"""The menus, and every key that works wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu

from studio.session import files
from studio.ui.bind import watch
from studio.ui.preferences import PreferencesBox
from studio.ui.savebox import SaveBox
from studio.ui.shortcuts import ShortcutPage
from studio.ui.theme import MODES, Mode
from studio.ui.viewer_actions import ViewerActions

if TYPE_CHECKING:
    from studio.ui.window import Window

OPENS = (
    "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.avif *.heic *.heif *.hif *.bmp *.gif"
    " *.jp2);;All files (*)"
)
SAVES = "PNG (*.png);;JPEG (*.jpg *.jpeg);;WebP (*.webp);;TIFF (*.tiff *.tif);;AVIF (*.avif)"


class Actions(QObject):
    """Made once by the window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.session = session = window.session
        document, viewing = session.document, session.viewing
        bar = window.menuBar()

        menu = bar.addMenu("&File")
        self.open = self._add(menu, "open", "&Open…", "Ctrl+O", self.open_dialog)
        self.paste = self._add(menu, "paste", "&Paste picture", "Ctrl+V", window.stage.paste)
        self.save = self._add(menu, "save_as", "&Save as…", "Ctrl+S", self.save_dialog)
        self.save_with = self._add(
            menu, "save_with", "Save &with options…", "Ctrl+Shift+S", self.show_save_box
        )
        self.export = self._add(
            menu, "export", "&Export the steps…", "Ctrl+Shift+E", self.show_export
        )
        self.close = self._add(menu, "close", "&Close picture", "Ctrl+W", session.close_picture)
        menu.addSeparator()
        self.models = self._add(menu, "models", "&Models…", "Ctrl+M", self.show_models)
        menu.addSeparator()
        self.quit = self._add(menu, "quit", "&Quit", "Ctrl+Q", window.close)

        menu = bar.addMenu("&Edit")
        self.undo = self._add(menu, "undo", "&Undo", "Ctrl+Z", document.undo)
        self.redo = self._add(menu, "redo", "&Redo", "Ctrl+Shift+Z", document.redo)
        menu.addSeparator()
        self.extend = self._add(menu, "extend", "&Extend the picture", "Ctrl+E", self._extend)
        self.extend.setCheckable(True)
        menu.addSeparator()
        self.preferences = self._add(
            menu, "preferences", "&Preferences…", "Ctrl+,", self.show_preferences
        )
        self.preferences.setMenuRole(QAction.MenuRole.PreferencesRole)

        bar.addMenu(window.stage.mask_menu)

        menu = bar.addMenu("&Run")
        self.generate = self._add(menu, "run_generate", "&Generate", "Ctrl+Return", self._generate)
        self.generate.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
        self.cancel = self._add(menu, "run_cancel", "&Cancel", "Esc", self.escape)
        self.pause = self._add(menu, "pause", "&Pause", "Ctrl+P", session.queue.toggle_pause)
        self.one_step = self._add(menu, "one_step", "&One step", "Ctrl+.", session.queue.step_once)
        self.apply = self._add(
            menu,
            "apply_settings",
            "Apply the &settings to this run",
            "Ctrl+Shift+P",
            session.steering.apply,
        )
        self.cancel_all = self._add(
            menu, "cancel_all", "Cancel &all", "Ctrl+Shift+Esc", session.queue.cancel_all
        )
        menu.addSeparator()
        self.accept = self._add(
            menu, "accept_result", "&Accept result", "Ctrl+Shift+Return", viewing.accept
        )
        self.accept.setShortcuts(
            [QKeySequence("Ctrl+Shift+Return"), QKeySequence("Ctrl+Shift+Enter")]
        )
        self.before = self._add(
            menu, "picture_before", "Picture &before", "Alt+Left", lambda: self._choose(-1)
        )
        self.after = self._add(
            menu, "picture_after", "Picture a&fter", "Alt+Right", lambda: self._choose(1)
        )

        menu = bar.addMenu("&View")
        canvas = window.stage.canvas
        self.fit = self._add(menu, "fit", "&Fit in the window", "Ctrl+0", canvas.fit)
        self.actual = self._add(menu, "actual", "&Actual pixels", "Ctrl+1", canvas.actual_size)
        menu.addSeparator()
        self.viewer = ViewerActions(menu, window.stage, window.steps.strip)
        menu.addSeparator()
        for dock in window.docks:
            menu.addAction(dock.toggleViewAction())
        menu.addAction(window.learning.explain)
        menu.addAction(window.learning.forward)
        menu.addAction("&Reset the layout", window.reset_layout)
        menu.addSeparator()
        self.themes = QActionGroup(self)
        for mode, text in MODES:
            self._add_theme(menu.addAction(text), mode)

        menu = bar.addMenu("&Help")
        self.keys = self._add(menu, "shortcuts", "&Keyboard shortcuts", "F1", self.show_keys)

        for signal in (document.history_changed, document.picture_changed, viewing.changed):
            watch(signal, self, self._enable)
        watch(session.action_changed, self, self._enable)
        watch(session.queue.changed, self, self._enable)
        self._enable()

    def _add(
        self, menu: QMenu, object_name: str, text: str, keys: str, do: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self.window)
        action.setObjectName(f"action_{object_name}")
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: do())
        menu.addAction(action)
        return action

    def _add_theme(self, action: QAction, mode: Mode) -> None:
        action.setCheckable(True)
        action.setObjectName(f"action_theme_{mode}")
        action.setChecked(self.window.theme.mode == mode)
        action.triggered.connect(lambda: self.window.theme.set_mode(mode))
        self.themes.addAction(action)

    def _enable(self, *_: object) -> None:
        document, viewing = self.session.document, self.session.viewing
        has_picture = document.picture is not None
        self.undo.setEnabled(document.can_undo)
        self.redo.setEnabled(document.can_redo)
        self.close.setEnabled(has_picture)
        self.extend.setEnabled(has_picture)
        self.extend.setChecked(has_picture and self.session.desk.framing.extending)
        for action in (self.save, self.save_with):
            action.setEnabled(has_picture or viewing.shown is not None)
        self.accept.setEnabled(viewing.offer is not None)
        batch = viewing.run is not None and viewing.run.recipe.batch > 1
        self.before.setEnabled(batch)
        self.after.setEnabled(batch)
        self.export.setEnabled(viewing.run is not None and bool(viewing.run.previews))
        self.cancel_all.setEnabled(bool(self.session.queue.active))
        going = self.session.queue.going
        self.pause.setText("Go &on" if going is not None and going.pausing else "&Pause")
        for action in (self.pause, self.one_step, self.apply):
            action.setEnabled(going is not None and not going.stopping)
        text = self.session.action.capitalize()
        self.generate.setText(f"&{text}")

    def _extend(self) -> None:
        """Let the canvas's edges be dragged, or no longer."""
        framing = self.session.desk.framing
        framing.extending = not framing.extending

    def _generate(self) -> None:
        self.session.generate()

    def escape(self) -> None:
        """Stop what is going on; else go back one thing that is looked at; else the message."""
        session = self.session
        if not (session.queue.cancel() or session.comparison.stop() or session.viewing.leave()):
            self.window.stage.messages.clear()

    def _choose(self, by: int) -> None:
        run = self.session.viewing.run
        if run is not None:
            self.session.viewing.choose((run.image + by) % run.recipe.batch)

    def show_export(self) -> None:
        """Open the box that exports the steps of the run in the strip, or bring it to the front."""
        box = self.window.export_box
        box.folder = Path(self.window.folder) if self.window.folder else box.folder
        box.show()
        box.raise_()
        box.activateWindow()

    def show_models(self) -> None:
        """Open the person's models, or bring them to the front."""
        self.window.models_page.open_at(self.window.models_page.yours)

    def show_save_box(self) -> None:
        box = SaveBox(self.session, self.window.folder, self.window)
        box.accepted.connect(lambda: setattr(self.window, "folder", box.folder))
        box.finished.connect(box.deleteLater)
        box.open()

    def show_preferences(self) -> None:
        box = PreferencesBox(self.session.preferred, self.window)
        box.finished.connect(box.deleteLater)
        box.open()

    def show_keys(self) -> None:
        page = ShortcutPage(self.window)
        page.finished.connect(page.deleteLater)
        page.open()

    def open_dialog(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self.window, "Open a picture", self.window.folder, OPENS
        )
        if chosen:
            self.window.folder = str(Path(chosen).parent)
            self.session.open_file(Path(chosen))

    def save_dialog(self) -> None:
        name = files.suggested(self.session)
        kinds = SAVES.split(";;")
        first = next((kind for kind in kinds if f"*{Path(name).suffix}" in kind), kinds[0])
        chosen, kind = QFileDialog.getSaveFileName(
            self.window, "Save as", str(Path(self.window.folder) / name), SAVES, first
        )
        if chosen:
            path = Path(chosen)
            if not path.suffix:
                path = path.with_suffix(kind[kind.index("*") + 1 : kind.index(")")].split()[0])
            self.window.folder = str(path.parent)
            self.session.save_as(path)
