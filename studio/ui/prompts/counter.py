"""How full a prompt is, in a few figures beside its name."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from studio.core.counting import Counted
from studio.ui.controls import name


def words(counted: Counted | None) -> tuple[str, str]:
    """What the counter says, and what its tooltip does. Nothing where nothing can be counted."""
    if counted is None or not counted.room or not counted.tokens:
        return "", ""
    figures = f"{counted.tokens} / {counted.room}"
    if counted.cut >= 0:
        return figures, (
            f"The model reads {counted.room} tokens, about {counted.room * 3 // 4} words. What is "
            "struck out is not read."
        )
    if counted.parts > 1:
        return f"{figures} · {counted.parts} parts", (
            "Tokens, about four for three words. The model reads the prompt in parts, which begin "
            "at the marks; each is understood by itself."
        )
    return figures, "Tokens of those that the model reads at once, about four for three words."


class TokenCounter(QLabel):
    """Empty without anything to count."""

    def __init__(self, object_name: str, accessible: str) -> None:
        super().__init__()
        self._accessible = accessible
        name(self, object_name, accessible)
        self.setProperty("quiet", True)

    def show_count(self, counted: Counted | None) -> None:
        text, tip = words(counted)
        over = counted is not None and counted.cut >= 0
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleDescription(f"{text}: {tip}" if text else "")
        if bool(self.property("warning")) != over:
            self.setProperty("warning", over)
            self.setProperty("quiet", not over)
            self.style().unpolish(self)
            self.style().polish(self)
