"""Where image to image starts: the strength, and the very sample that the first step is given."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from studio.core.events import Began
from studio.core.typeset import figures
from studio.session.forwarding import Forwarding
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.forward_columns import mixture
from studio.ui.pictureview import MathsLabel, PictureView
from studio.ui.rows import bind_percent, percent

SIGHTS = {
    "decoded": "This is the very sample that the first step is given, decoded.",
    "preview": "The very sample, through the linear preview. It is decoded in a moment.",
    "pixels": "Its pixels at this level. The model's own latents follow when the engine is idle.",
}
ANY_SEED = " Each run draws a new seed, so the noise will be other noise."
EMPTY = "Open a picture to see where a run on it would start."


class ForwardStart(QFrame):
    """The strength here and in the panel are one setting."""

    level_wanted = Signal(int)

    def __init__(self, forwarding: Forwarding) -> None:
        super().__init__()
        self.forwarding = forwarding
        self.setProperty("card", True)
        name(self, "forward_start", "Where image to image starts")
        self.title = label("Image to image starts here", "heading")
        self.picture = PictureView("forward_start_picture", "Where the run starts", 190)
        self.mixed = MathsLabel("forward_start_mix", size=15)
        self.numbers = label("")
        self.words = label("", "quiet")
        self.numbers.setWordWrap(True)
        self.words.setWordWrap(True)
        name(self.numbers, "forward_start_numbers", "The level it starts at")
        name(self.words, "forward_start_words", "What is shown")
        tip = "How much of the picture is given up: low keeps most, 100 % keeps nothing."
        self.strength = percent("Strength", "forward_strength", tip)
        self.fill_strength = percent("Strength", "forward_fill_strength", tip)
        settings = forwarding.session.settings
        bind_percent(settings, "strength", self.strength)
        bind_percent(settings, "fill_strength", self.fill_strength)
        self.go = QPushButton("Show this level")
        self.go.setProperty("secondary", True)
        name(self.go, "forward_go", "Show this level", "Move the slider to the level of the start")
        self.go.clicked.connect(self._go)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 10, 12, 12)
        box.setSpacing(8)
        for part in (
            self.title,
            self.strength,
            self.fill_strength,
            self.picture,
            self.mixed,
            self.numbers,
            self.words,
            self.go,
        ):
            box.addWidget(part)
        box.addStretch(1)
        self.picture.setFixedHeight(208)
        self.setFixedWidth(232)
        watch(forwarding.started, self, self._show)
        watch(forwarding.session.action_changed, self, self._show)
        self._show()

    def _show(self) -> None:
        began, session = self.forwarding.began, self.forwarding.session
        fill = session.action == "fill"
        self.strength.setVisible(not fill)
        self.fill_strength.setVisible(fill)
        self.picture.show_picture(began.picture if began else None)
        self.go.setEnabled(self.forwarding.t_of_start is not None)
        for part in (self.numbers, self.mixed, self.picture, self.go):
            part.setVisible(bool(began and began.picture))
        if began is None or began.picture is None:
            self.words.setText(began.reason if began else EMPTY)
            return
        self.numbers.setText(start_text(began))
        self.mixed.show_node(mixture(began.alpha, began.sigma))
        any_seed = ANY_SEED if session.settings.random_seed else ""
        self.words.setText(SIGHTS[began.sight] + any_seed)

    def _go(self) -> None:
        t = self.forwarding.t_of_start
        if t is not None:
            self.level_wanted.emit(t)


def start_text(began: Began) -> str:
    """How much is given up, and which step and level that means."""
    strength = round(began.wish.request.recipe.strength * 100)
    return (
        f"Strength {strength} % is step {began.first} of {began.steps},\n"
        f"at t = {began.timestep:.4g} and σ = {figures(began.sigma)}."
    )
