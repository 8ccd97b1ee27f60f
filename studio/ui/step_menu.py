"""What can be taken away from a step, in its menu in the strip."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from studio.session.message import Message
from studio.session.session import Session
from studio.ui.icons import dress
from studio.ui.pixels import to_qimage
from studio.ui.strip import TrajectoryStrip


class StepMenu(QObject):
    """Adds to the menu of each step; `save` and `export` are the window's own actions, for what
    is looked at, which a step is once its menu is open."""

    def __init__(
        self, session: Session, strip: TrajectoryStrip, save: QAction, export: QAction
    ) -> None:
        super().__init__(strip)
        self.session, self.save, self.export = session, save, export
        strip.menu_about_to_show.connect(self._offer)

    def copy(self) -> None:
        """Put the picture looked at on the clipboard."""
        shown = self.session.viewing.shown
        if shown is not None:
            QGuiApplication.clipboard().setImage(to_qimage(shown.picture))
            self.session.say(Message("The picture of the step is on the clipboard."))

    def _offer(self, menu: QMenu, index: int) -> None:
        run = self.session.viewing.run
        steering = self.session.steering
        menu.addSeparator()
        if run is not None and not run.active:
            for text, image, go_on in (
                ("Finish from here", "play", lambda: steering.finish_from(run, index)),
                ("Keep this as the picture", "image", lambda: steering.take(run, index)),
            ):
                action = menu.addAction(text)
                dress(action, image)
                action.triggered.connect(lambda _=False, do=go_on: do())
        for text, image, do in (
            ("Copy picture", "copy", self.copy),
            ("Save this step…", "image-down", self.save.trigger),
            ("Export the steps…", "download", self.export.trigger),
        ):
            action = menu.addAction(text)
            dress(action, image)
            action.triggered.connect(lambda _=False, do=do: do())
