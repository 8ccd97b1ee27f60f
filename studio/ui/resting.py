"""Full quality for whom it is worth: not while scrubbing, but a moment after."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.session.session import Session
from studio.ui.bind import watch

PAUSE = 150
"""Milliseconds on one step before it is asked for at full quality."""
GOING = ("queued", "loading", "running")


class Resting(QTimer):
    """Runs out when what is looked at has been the same for a while."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.session = session
        self.setSingleShot(True)
        self.setInterval(PAUSE)
        self.timeout.connect(session.look)
        watch(session.viewing.changed, self, self._moved)
        watch(session.comparison.changed, self, self._moved)

    def _moved(self) -> None:
        viewing = self.session.viewing
        # A step of a run that is followed is gone before it could be decoded; not if it is paused.
        going = viewing.run is not None and viewing.run.state in GOING
        if (viewing.step is not None or not going) and not self.session.sights.sharp:
            self.start()
        else:
            self.stop()
