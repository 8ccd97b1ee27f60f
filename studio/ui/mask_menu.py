"""What can be done with the mask as a whole, for the menu bar and the bar over the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from studio.session import maskfiles
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.mask_panel import OPERATIONS, MaskPanel

OPENS = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif *.avif);;All files (*)"


class MaskMenu(QMenu):
    """Every action is an attribute or in `amounts`, by the name of its operation."""

    def __init__(self, session: Session, panel: MaskPanel, parent: QWidget | None = None) -> None:
        super().__init__("&Mask", parent)
        self.session, self.panel = session, panel
        document = session.document
        name(self, "mask_menu", "Mask")
        self.all = self._add("Select &all", "mask_all", "Ctrl+A", document.mask_fill)
        self.invert = self._add("&Invert", "invert_mask", "Ctrl+I", document.mask_invert)
        self.clear_mask = self._add("&Clear", "clear_mask", "Ctrl+D", document.mask_clear)
        self.addSeparator()
        self.amounts: dict[str, QAction] = {}
        for operation in OPERATIONS:
            show = partial(panel.begin, operation)
            text = f"{operation.title}…"
            self.amounts[operation.field] = self._add(text, operation.field, "", show)
        self.addSeparator()
        self.load = self._add("&Load…", "load_mask", "", self.load_dialog)
        self.save = self._add("&Save…", "save_mask", "", self.save_dialog)
        for signal in (
            document.picture_changed,
            document.mask_changed,
            document.material_changed,
            document.target_changed,
            document.history_changed,
        ):
            watch(signal, self, self._enable)
        self._enable()

    def load_dialog(self) -> None:
        folder = str(Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self.parentWidget(), "Load a mask", folder, OPENS)
        if chosen:
            maskfiles.load(self.session, Path(chosen))

    def save_dialog(self) -> None:
        stem = Path(self.session.document.name or "picture").stem
        path = str(Path.home() / f"{stem}-mask.png")
        chosen, _ = QFileDialog.getSaveFileName(
            self.parentWidget(), "Save the mask", path, "PNG (*.png)"
        )
        if chosen:
            maskfiles.save(self.session, Path(chosen))

    def _add(self, text: str, object_name: str, keys: str, do: Callable[[], object]) -> QAction:
        action = self.addAction(text)
        action.setObjectName(f"action_{object_name}")
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: do())
        return action

    def _enable(self, *_: object) -> None:
        document = self.session.document
        picture = document.picture is not None
        masked = picture and document.coat.any
        for action in (self.all, self.invert, self.load):
            action.setEnabled(picture)
        for action in (self.clear_mask, self.save, *self.amounts.values()):
            action.setEnabled(masked)
