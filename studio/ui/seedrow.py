"""The seed: its number, whether each run gets a new one, and the one of the picture shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from studio.core.recipe import MAX_SEED
from studio.session.session import Session
from studio.ui.bind import bind, watch
from studio.ui.controls import button, label, name


class SeedRow(QWidget):
    """Typing a number, or reusing one, keeps it: the dice goes off."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        settings = session.settings
        text = label("Seed")
        # A QSpinBox ends at 2³¹ − 1; seeds go to 2³² − 1.
        self.number = QDoubleSpinBox()
        self.number.setDecimals(0)
        self.number.setRange(0, MAX_SEED)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        name(self.number, "seed", "Seed", "The same seed and settings make the same picture.")
        text.setBuddy(self.number)
        self.dice = button(
            "dices", "random_seed", "Random seed", "Draw a new seed for every picture."
        )
        self.dice.setCheckable(True)
        self.reuse = button(
            "recycle", "reuse_seed", "Reuse seed", "Keep the seed of the picture shown."
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(text)
        row.addStretch(1)
        row.addWidget(self.number)
        row.addWidget(self.dice)
        row.addWidget(self.reuse)
        self.number.setFixedWidth(112)
        self.number.setValue(settings.seed)
        self.number.valueChanged.connect(self._typed)
        watch(settings.events.seed, self, self._show)
        bind(
            settings,
            "random_seed",
            self.dice,
            self.dice.toggled,
            self.dice.isChecked,
            self.dice.setChecked,
        )
        self.reuse.clicked.connect(self._reuse)

    def _show(self, seed: int) -> None:
        self.number.setValue(seed)

    def _typed(self, value: float) -> None:
        if round(value) != self.session.settings.seed:
            self.session.settings.seed = round(value)
            self.session.settings.random_seed = False

    def _reuse(self) -> None:
        seed = self.session.seed_shown
        if seed is not None:
            self.session.settings.seed = seed
        self.session.settings.random_seed = False
