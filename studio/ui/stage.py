"""The centre of the window: tools, canvas, messages and results, and how they work together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.session import files
from studio.session.message import Message
from studio.session.panes import Side
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.canvas import CanvasView
from studio.ui.compare import Compare
from studio.ui.comparebar import CompareBar
from studio.ui.controls import name
from studio.ui.extend_overlay import ExtendOverlay
from studio.ui.mask_menu import MaskMenu
from studio.ui.mask_panel import MaskPanel
from studio.ui.material_overlay import MaterialOverlay
from studio.ui.messagebar import MessageBar
from studio.ui.pixels import from_qimage
from studio.ui.plan_overlay import PlanOverlay
from studio.ui.resting import Resting
from studio.ui.resultbar import ResultBar
from studio.ui.tool_options import OptionBar
from studio.ui.tools import ToolStrip
from studio.ui.viewbar import ViewBar

ARROWS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}


class Stage(QWidget):
    """Painting begins on what is seen: an offered result or an older picture is taken first."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "stage", "Canvas area")
        self.canvas = CanvasView(session.document, self)
        self.extend = ExtendOverlay(session, self.canvas)
        self.material = MaterialOverlay(session.document, self.canvas)
        self.plan = PlanOverlay(session, self.canvas)
        self.tools = ToolStrip(self.canvas.pen, self)
        self.mask_panel = MaskPanel(session.document, self.canvas.pen, self.canvas)
        self.mask_menu = MaskMenu(session, self.mask_panel, self)
        self.options = OptionBar(self.canvas, session.document, self.mask_menu, self)
        self.messages = MessageBar(self)
        self.results = ResultBar(session, self)
        self.compare = Compare(session, self.canvas, self)
        self.compare_bar = CompareBar(session, self)
        self.views = ViewBar(session, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.options)
        box.addWidget(self.messages)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.tools)
        middle.addWidget(self.compare, 1)
        box.addLayout(middle, 1)
        box.addWidget(self.compare_bar)
        box.addWidget(self.views)
        box.addWidget(self.results)
        self.canvas.installEventFilter(self)
        self.canvas.tool_pressed.connect(session.viewing.settle)
        self.canvas.files_dropped.connect(self._dropped)
        self.canvas.image_dropped.connect(lambda image: self._bring(image, "Dropped picture"))
        self.resting = Resting(session, self)
        watch(session.viewing.changed, self, self._show)
        watch(session.comparison.changed, self, self._show)
        watch(session.sights.changed, self, lambda _: self._show())
        watch(session.said, self, self.messages.show_message)
        # What went wrong before is no longer what matters.
        watch(session.asked, self, self.messages.clear)
        watch(session.brought, self, self.messages.clear)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if (
            kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Backslash
        ):
            if not event.isAutoRepeat():
                self.session.viewing.compare(kind == QEvent.Type.KeyPress)
            return True
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._chose(event):
            return True
        return super().eventFilter(watched, event)

    def _chose(self, event: QKeyEvent) -> bool:
        """Left and right go through the results that are offered, in place."""
        by, offer = ARROWS.get(event.key()), self.session.viewing.offer
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if by is None or held or offer is None or len(offer.results) < 2:
            return False
        if self.session.viewing.run is not offer or self.session.viewing.step is not None:
            return False
        self.session.viewing.choose(offer.image + by)
        return True

    def paste(self) -> None:
        """Open what is on the clipboard: a picture, or a file that was copied."""
        # None, whatever the type hints say, when the clipboard is empty.
        data: QMimeData | None = QGuiApplication.clipboard().mimeData()
        urls = data.urls() if data else []
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            self.session.open_file(paths[0])
            return
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            self.session.say(
                Message("There is no picture on the clipboard.", "Copy one first.", "warning")
            )
        else:
            self._bring(image, "Pasted picture")

    def _dropped(self, paths: list[str]) -> None:
        for path in paths[:1]:
            self.session.open_file(Path(path))

    def _bring(self, image: QImage, title: str) -> None:
        try:
            picture = from_qimage(image)
        except StudioError as error:
            self.session.say(Message.of(error))
            return
        files.bring(self.session, picture, title)

    def _show(self) -> None:
        shown, sides = self.session.viewing.shown, self.session.comparison.sides
        if sides is not None:
            self.compare.show_sides(*sides)
        elif shown is None:
            self.compare.show_one(None)
        else:
            # The bar below says what there is to say about a result.
            caption = "" if shown.kind == "result" else shown.caption
            self.compare.show_one(Side(shown.picture, caption, shown.place, shown.scale))
