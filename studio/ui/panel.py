"""The left panel: what to draw, and how."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from studio.core.samplers import SIGMAS, SPACINGS
from studio.session.prompting import Prompting
from studio.session.session import Session
from studio.session.sharing import Sharing
from studio.ui.adapters.stack import AdapterBox
from studio.ui.adapters.vae import VaeRow
from studio.ui.bind import bind, watch
from studio.ui.controls import NumberRow, Section, label, name
from studio.ui.extendbox import ExtendBox
from studio.ui.fillbox import FillBox
from studio.ui.generatebar import GenerateBar
from studio.ui.guided import NOT_SHOWN, show_guidance
from studio.ui.memory.line import MemoryLine
from studio.ui.models.picker import ModelPicker
from studio.ui.promptbox import PromptBox
from studio.ui.samplerbox import SamplerBox, choice, combo_row
from studio.ui.seedrow import SeedRow
from studio.ui.sizerow import SizeRow
from studio.ui.sourcebox import SourceBox

HINT = "What should the picture show?"


class CalmWheel(QObject):
    """Lets the wheel scroll the panel: a value changes by it only where the focus is."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class Panel(QWidget):
    """Prompts and the button stay in place; the numbers below them scroll."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "panel", "Settings")
        settings = session.settings
        prompting = Prompting(session)
        self.prompt = PromptBox(settings, "prompt", "Prompt", HINT, 4, self._earlier, prompting)
        self.negative = PromptBox(
            settings, "negative_prompt", "Negative prompt", NOT_SHOWN, 2, prompting=prompting
        )
        self.generate_bar = GenerateBar(session)
        self.source = SourceBox(session)
        self.fill = FillBox(session)
        self.extend = ExtendBox(session)
        self.model = ModelPicker(session)
        self.memory = MemoryLine(Sharing(session))
        self.steps = self._number("Steps", "steps", (1, 100), (1, 1000))
        self.guidance = self._number(
            "Guidance",
            "guidance_scale",
            (0, 15),
            (0, 100),
            1,
        )
        self.batch = self._number("Pictures", "batch", (1, 9), (1, 64), 0, "Made in one run.")
        self.rescale = self._number(
            "Guidance rescale",
            "guidance_rescale",
            (0, 1),
            None,
            2,
        )
        self.loras = AdapterBox(session)
        self.sampler = SamplerBox(settings)
        spacing = choice(
            settings, "spacing", "Step spacing", SPACINGS, "Which of the model's levels are used."
        )
        sigmas = choice(settings, "sigmas", "Noise levels", SIGMAS, "How they are spread.")
        self.more = Section("More", "more")
        self.more.rows.addWidget(self.rescale)
        self.more.rows.addLayout(combo_row("Step spacing", spacing))
        self.more.rows.addLayout(combo_row("Noise levels", sigmas))
        self.more.rows.addWidget(VaeRow(session))

        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(12, 4, 12, 12)
        rows.setSpacing(12)
        rows.addWidget(self.source)
        rows.addWidget(self.fill)
        rows.addWidget(self.extend)
        rows.addWidget(self.model)
        rows.addWidget(self.memory)
        for part in (
            self.loras,
            SizeRow(session),
            self.steps,
            self.guidance,
            self.sampler,
            SeedRow(session),
            self.batch,
            self.more,
        ):
            rows.addWidget(part)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 8)
        top.setSpacing(3)
        for text, prompt in (("Prompt", self.prompt), ("Negative prompt", self.negative)):
            words = label(text, "quiet")
            words.setBuddy(prompt)
            heading = QHBoxLayout()
            heading.addWidget(words)
            heading.addStretch(1)
            if prompt.aids:
                heading.addWidget(prompt.aids.counter)
            top.addLayout(heading)
            top.addWidget(prompt)
            top.addSpacing(4)
        top.addWidget(self.generate_bar)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(scroll, 1)
        self.setMinimumWidth(300)
        self._calm = CalmWheel(self)
        for kind in (QAbstractSpinBox, QComboBox, QSlider):
            for control in inner.findChildren(kind):
                control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                control.installEventFilter(self._calm)

        watch(session.action_changed, self, self._show_abilities)
        self._show_abilities()

    def _number(
        self,
        text: str,
        field: str,
        slide: tuple[float, float],
        limit: tuple[float, float] | None = None,
        decimals: int = 0,
        tip: str = "",
    ) -> NumberRow:
        row = NumberRow(text, field, slide, limit, decimals, tip)
        read = row.value if decimals else row.whole
        bind(self.session.settings, field, row, row.changed, read, row.set_value)
        return row

    def _show_abilities(self) -> None:
        model = self.session.model
        show_guidance(model, self.negative, self.guidance, self.rescale)
        able = model is None or model.abilities.prompt
        self.prompt.setEnabled(able)
        hint = HINT if able else "This model takes no words."
        hint = (model and model.abilities.prompt_hint) or hint
        self.prompt.setPlaceholderText(hint)
        # Words that were there before hide the hint, and are not what is drawn.
        self.prompt.setToolTip("" if able else hint)

    def _earlier(self) -> Sequence[str]:
        return self.session.past.prompts()
