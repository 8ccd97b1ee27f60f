"""How to go on from a step: a small box at the button that asks for it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.recipe import MAX_STEPS
from studio.session.changes import summary
from studio.session.runs import RunView
from studio.session.session import Session
from studio.session.steering import Choices
from studio.ui.controls import label, name, whole_field

WIDTH = 320


class BranchBox(QFrame):
    """Closes by itself when something else is clicked. Enter goes on, Esc does not."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.session = session
        self._run: RunView | None = None
        self._step = 0
        self.setProperty("card", True)
        name(self, "branch_box", "Continue from a step")
        self.title = label("", "heading")
        self.settings = QCheckBox("With the settings as they are now")
        name(self.settings, "branch_settings", "With the settings as they are now")
        self.news = label("", "quiet")
        self.news.setWordWrap(True)
        self.news.setTextFormat(Qt.TextFormat.PlainText)
        name(self.news, "branch_news", "What is otherwise than in the run")
        self.seed = QCheckBox("Other noise from here on")
        name(self.seed, "branch_seed", "Other noise from here on")
        self.masked = QCheckBox("Only where the mask is painted")
        name(self.masked, "branch_masked", "Only where the mask is painted")
        self.steps = whole_field("branch_steps", "Steps from here", 1, MAX_STEPS)
        self.steps.setFixedWidth(72)
        self.go = QPushButton("Continue")
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        name(self.go, "branch_go", "Continue")
        steps = QHBoxLayout()
        words = QLabel("Steps from here")
        words.setBuddy(self.steps)
        steps.addWidget(words, 1)
        steps.addWidget(self.steps)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 14)
        box.setSpacing(8)
        for part in (self.title, self.settings, self.news, self.seed, self.masked):
            box.addWidget(part)
        box.addLayout(steps)
        box.addSpacing(4)
        box.addWidget(self.go)
        self.setFixedWidth(WIDTH)
        self.settings.toggled.connect(self._tell)
        self.steps.valueChanged.connect(self._tell)
        self.steps.lineEdit().returnPressed.connect(self._continue)
        self.go.clicked.connect(self._continue)

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        run = self._run
        steps = self.steps.value()
        return Choices(
            self.settings.isChecked(),
            self.seed.isEnabled() and self.seed.isChecked(),
            0 if run is None or steps == run.steps - self._step else steps,
            self.masked.isEnabled() and self.masked.isChecked(),
        )

    def offer(self, run: RunView, step: int) -> None:
        """Make the choices those of this step: the settings as they are, all else as it was."""
        self._run, self._step = run, step
        self.title.setText(f"Continue from step {step}")
        self.settings.setChecked(True)
        self.seed.setChecked(False)
        self.masked.setChecked(False)
        self.steps.setRange(1, MAX_STEPS)
        self.steps.setValue(run.steps - step)
        mask = self.session.document.mask
        self.masked.setEnabled(mask is not None)
        self.masked.setToolTip("" if mask else "Paint over what may change first.")
        self._tell()

    def pop_up(self, run: RunView, step: int, above: QPoint) -> None:
        """Show it above this place on the screen, for this step."""
        self.offer(run, step)
        self.adjustSize()
        self.move(above - QPoint(self.width(), self.height() + 4))
        self.show()
        self.go.setFocus()

    def _tell(self, *_: object) -> None:
        run = self._run
        if run is None:
            return
        steering = self.session.steering
        found = steering.changes_of(run, self._step, self.choices)
        parts = [summary(found)] if found else []
        if self.choices.rest:
            parts.append(f"steps from here {run.steps - self._step} → {self.choices.rest}")
        self.news.setText(f"Changed: {', '.join(parts)}" if parts else "Nothing is changed.")
        able = steering.draws_noise(run, self.choices)
        self.seed.setEnabled(able)
        self.seed.setToolTip(
            "" if able else "This sampler adds no noise on its way: set η above 0."
        )

    def _continue(self) -> None:
        if self._run is not None:
            self.close()
            self.session.branch(self._run.id, self._step, self.choices)
