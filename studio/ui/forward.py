"""The Forward view: one's own picture, noised, under every schedule, by a jump and by steps."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.session.forwarding import LAST, Forwarding
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import button, label, name, whole_field
from studio.ui.forward_columns import ForwardColumns
from studio.ui.forward_plot import ForwardPlot, Line
from studio.ui.forward_start import ForwardStart
from studio.ui.icons import dress

FRAME, STRIDE = 40, 8
"""Playing: milliseconds a picture, and how far t moves in it."""
REST = 250
"""Milliseconds without a change until the start is asked for at full quality."""
EMPTY = "Open a picture, or make one, to see it noised."


class ForwardView(QWidget):
    """A window of its own, that follows the picture and the strength while it is open."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.forwarding = forwarding = Forwarding(session)
        name(self, "forward", "Forward view")
        self.setWindowTitle("Forward: from picture to noise")
        self.columns = ForwardColumns()
        self.plot = ForwardPlot()
        self.start = ForwardStart(forwarding)
        self.empty = QLabel(EMPTY)
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self.empty, "forward_empty", "There is no picture")
        self.shared = QCheckBox("Jump with the noise of the steps")
        name(self.shared, "forward_shared", "Jump with the noise of the steps")
        self.spaces = QButtonGroup(self)
        top = QHBoxLayout()
        top.setSpacing(2)
        for text, latents, tip in (
            ("Pixels", False, "Noise the picture's own pixels"),
            ("Latents", True, "Noise what the model's encoder makes of it, seen by its preview"),
        ):
            made = QToolButton()
            made.setProperty("flat", True)
            made.setText(text)
            made.setCheckable(True)
            made.setChecked(not latents)
            name(made, f"forward_{text.lower()}", text, tip)
            made.clicked.connect(lambda _=False, latents=latents: forwarding.move(latents=latents))
            self.spaces.addButton(made)
            top.addWidget(made)
        self.says = label("", "quiet")
        name(self.says, "forward_says", "What is noised")
        top.addSpacing(10)
        top.addWidget(self.says, 1)
        top.addWidget(self.shared)
        self.play = button("play", "forward_play", "Play", "Play from picture to noise (Space)")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, LAST)
        self.slider.setPageStep(50)
        name(self.slider, "forward_slider", "Time t", "Drag from picture (0) to noise (1000)")
        self.field = whole_field("forward_t", "Time t", 0, LAST)
        self.field.setFixedWidth(56)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        for part in (self.play, label("t"), self.field, self.slider):
            bottom.addWidget(part, 1 if part is self.slider else 0)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addLayout(top)
        left.addWidget(self.empty, 1)
        left.addWidget(self.columns, 1)
        left.addWidget(self.plot)
        left.addLayout(bottom)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 14)
        box.setSpacing(18)
        box.addLayout(left, 1)
        box.addWidget(self.start)

        self._player = QTimer(self)
        self._player.setInterval(FRAME)
        self._player.timeout.connect(self._play_on)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(forwarding.rest)
        self.play.clicked.connect(self.toggle_play)
        self.slider.valueChanged.connect(lambda t: forwarding.move(t=t))
        self.field.valueChanged.connect(lambda t: forwarding.move(t=t))
        self.plot.picked.connect(lambda t: forwarding.move(t=t))
        self.start.level_wanted.connect(lambda t: forwarding.move(t=t))
        self.shared.toggled.connect(lambda on: forwarding.move(shared=on))
        watch(forwarding.changed, self, self._show)
        watch(forwarding.noised, self, self._show_noised)
        watch(forwarding.started, self, self._started)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(1300, 720)

    @property
    def playing(self) -> bool:
        return self._player.isActive()

    def toggle_play(self) -> None:
        """From where it is to pure noise; from there, from the beginning."""
        if self.playing:
            self._stop()
        elif self.forwarding.picture is not None:
            if self.forwarding.t >= LAST:
                self.forwarding.move(t=0)
            self._player.start()
            dress(self.play, "pause")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.toggle_play()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.forwarding.follow(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.forwarding.follow(False)
        self._stop()
        self._rest.stop()

    def _stop(self) -> None:
        self._player.stop()
        dress(self.play, "play")

    def _play_on(self) -> None:
        # Not faster than the pictures come.
        answer = self.forwarding.answer
        if answer is None or answer.wish.t != self.forwarding.t:
            return
        self.forwarding.move(t=self.forwarding.t + STRIDE)
        if self.forwarding.t >= LAST:
            self._stop()

    def _show(self) -> None:
        forwarding = self.forwarding
        there = forwarding.picture is not None
        self.empty.setVisible(not there)
        self.columns.setVisible(there)
        self.says.setVisible(there)
        for part in (self.play, self.slider, self.field, self.plot, self.shared):
            part.setEnabled(there)
        for control in (self.slider, self.field):
            if control.value() != forwarding.t:
                control.setValue(forwarding.t)
        self.shared.setChecked(forwarding.shared)
        self.spaces.buttons()[int(forwarding.latents)].setChecked(True)
        self.plot.show_time(forwarding.t)

    def _show_noised(self) -> None:
        answer = self.forwarding.answer
        if answer is None:
            return
        self.columns.show_answer(answer)
        self.plot.show_lines(tuple(Line(one.name, one.curve) for one in answer.noised))
        waits = self.forwarding.latents and not answer.wish.latents
        if waits:
            says = "The latents follow when the engine is idle; these are pixels."
        elif answer.wish.latents:
            says = "The model's latents, seen through its linear preview"
        else:
            says = "The picture's own pixels, made small"
        self.says.setText(says)

    def _started(self) -> None:
        began = self.forwarding.began
        if began is not None and began.sight != "decoded" and not began.reason:
            self._rest.start()
