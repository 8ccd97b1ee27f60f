"""The button that says what it will do, and how far that is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.edits import Edit
from studio.session.changes import edit_text
from studio.session.filler import from_photo
from studio.session.runs import RunView
from studio.session.session import Session
from studio.session.wording import duration
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.icons import dress

LABELS = {"generate": "Generate", "refine": "Refine", "fill": "Fill"}
FROM_PHOTO = "Fill from this photo"
ICONS = {"generate": "sparkles", "refine": "wand-sparkles", "fill": "paintbrush"}


class GenerateBar(QWidget):
    """Generate stays enabled while a run is going: the next one waits its turn."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.generate = QPushButton()
        self.generate.setProperty("primary", True)
        self.generate.setIconSize(QSize(18, 18))
        self.generate.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("secondary", True)
        name(self.cancel, "cancel", "Cancel", "Stop the run that is going (Esc)")
        dress(self.cancel, "circle-stop")
        self.apply = QPushButton("Apply to this run")
        self.apply.setProperty("secondary", True)
        name(self.apply, "apply_settings", "Apply to this run")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setRange(0, 1000)
        name(self.bar, "progress", "Progress")
        self.status = label("", "quiet")
        name(self.status, "run_status", "Run status")
        self.reason = QLabel()
        self.reason.setProperty("warning", True)
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        name(self.reason, "why_not", "What is missing")
        self.how = label("", "quiet")
        self.how.setWordWrap(True)
        name(self.how, "how", "How it is filled")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.generate, 1)
        buttons.addWidget(self.cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addLayout(buttons)
        box.addWidget(self.bar)
        box.addWidget(self.status)
        box.addWidget(self.apply)
        box.addWidget(self.how)
        box.addWidget(self.reason)
        self.generate.clicked.connect(lambda: session.generate())
        self.cancel.clicked.connect(lambda: session.queue.cancel())
        self.apply.clicked.connect(lambda: session.steering.apply())
        watch(session.document.mask_changed, self, self._show_apply)
        watch(session.action_changed, self, self._show_action)
        watch(session.queue.changed, self, self._show_runs)
        watch(session.awake, self, self._show_runs)
        self._show_action()
        self._show_runs()

    def _show_action(self) -> None:
        session, action = self.session, self.session.action
        itself = from_photo(session)
        text = FROM_PHOTO if itself else LABELS[action]
        if self.generate.text() != text:
            self.generate.setText(text)
            name(self.generate, "generate", text, f"{text} (Ctrl+Enter)")
            dress(self.generate, ICONS[action], QPalette.ColorRole.HighlightedText)
        chosen = session.model
        self.how.setVisible(itself and chosen is not None and not chosen.abilities.mask_needed)
        if chosen is not None:
            self.how.setText(
                "Without words it is filled from the photo's own patches. "
                f"Type a prompt to fill with {chosen.title}."
            )
        why_not = self.session.why_not
        self.reason.setText(str(why_not) if why_not else "")
        self.reason.setVisible(why_not is not None)
        self._show_apply()

    def _show_apply(self, *_: object) -> None:
        """Offer to change the run that is going, if what is set now is not what it works by."""
        steering = self.session.steering
        run = self.session.queue.going
        news = steering.news(run) if run is not None and not run.stopping else {}
        masked = run is not None and steering.new_mask(run) is not None
        self.apply.setVisible(bool(news) or masked)
        if run is not None and (news or masked):
            edit = Edit(run.next_step, news, "new" if masked else "")
            self.apply.setToolTip(f"From its next step on: {edit_text(edit)} (Ctrl+Shift+P)")

    def _show_runs(self, *_: object) -> None:
        active = self.session.queue.active
        self.cancel.setVisible(bool(active))
        self.bar.setVisible(bool(active))
        self.status.setVisible(bool(active))
        self._show_apply()
        if not active:
            return
        run = next((run for run in active if run.state != "queued"), active[0])
        self.cancel.setEnabled(not all(run.stopping for run in active))
        counting = run.state in ("running", "paused")
        if counting:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(run.progress * 1000))
        else:
            self.bar.setRange(0, 0)
        parts = [what(run, bool(self.session.device))]
        left = run.seconds_left
        if left is not None and not run.stopping and run.progress < 1:
            parts.append(f"{duration(left)} left")
        if len(active) > 1:
            parts.append(f"{len(active) - 1} waiting")
        self.status.setText(" · ".join(parts))


def what(run: RunView, awake: bool) -> str:
    """What a run is doing, in a few words."""
    if run.state == "paused" and not run.stopping:
        return f"Paused before step {run.first + run.taken} of {run.steps}"
    if run.stopping:
        return "Stopping…"
    if run.state == "loading":
        return run.doing or "Loading the model…"
    if run.state == "queued":
        return "Waiting its turn…" if awake else "Starting the engine…"
    if run.state == "paused":
        return f"Paused before step {run.next_step}"
    if run.progress >= 1:
        return "Finishing the picture…"
    return f"Step {max(1, run.taken)} of {run.steps - run.first}"
