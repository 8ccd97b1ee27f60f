"""What the guidance does with the chosen model, and that it does nothing where that is so."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit

from studio.core.model_info import ModelInfo
from studio.ui.controls import NumberRow

FOLLOWS = "How strictly the prompt is followed: 1 is the model alone, more follows closer."
TOLD = (
    "How strictly the prompt is followed. This model is told the number itself and is asked once "
    "a step, so there is no negative prompt."
)
NONE = "This model was made to draw without guidance."
RESCALE = "Tames over-bright pictures from strong guidance."
NO_RESCALE = "Needs two predictions a step, with the prompt and without; this model makes one."


NOT_SHOWN = "What it should not show"
NO_NEGATIVE = "This model takes no negative prompt."


def show_guidance(
    model: ModelInfo | None, negative: QPlainTextEdit, guidance: NumberRow, rescale: NumberRow
) -> None:
    """Without a model, as before the catalogue is read, all can be set."""
    two = model is None or model.abilities.negative_prompt
    negative.setEnabled(two)
    negative.setPlaceholderText(NOT_SHOWN if two else NO_NEGATIVE)
    guidance.setEnabled(model is None or model.abilities.guided)
    guidance.set_tip(FOLLOWS if two else TOLD if guidance.isEnabled() else NONE)
    rescale.setEnabled(two)
    rescale.set_tip(RESCALE if two else NO_RESCALE)
