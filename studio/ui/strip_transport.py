"""Holding up the run that is seen forming: pause it, take one step, let it go on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.icons import dress


class Transport(QWidget):
    """Hidden unless the run in the strip is going or paused."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "transport", "The run")
        self.pause = _button()
        self.step = _button()
        name(self.step, "run_step", "One step", "Take one step and wait (Ctrl+.)")
        self.step.setText("One step")
        dress(self.step, "step-forward")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.pause)
        row.addWidget(self.step)
        self.pause.clicked.connect(session.queue.toggle_pause)
        self.step.clicked.connect(session.queue.step_once)
        watch(session.queue.changed, self, self._show)
        watch(session.viewing.changed, self, self._show)
        self._show()

    def _show(self, *_: object) -> None:
        run = self.session.queue.going
        self.setVisible(run is not None and run is self.session.viewing.run)
        held = run is not None and run.pausing
        words = "Go on" if held else "Pause"
        if words != self.pause.text():
            self.pause.setText(words)
            tip = "Let the run go on" if held else "Have the run wait after this step"
            name(self.pause, "run_pause", words, f"{tip} (Ctrl+P)")
            dress(self.pause, "circle-play" if held else "circle-pause")
        for part in (self.pause, self.step):
            part.setEnabled(run is not None and not run.stopping)


def _button() -> QToolButton:
    made = QToolButton()
    made.setProperty("flat", True)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setIconSize(QSize(16, 16))
    return made
