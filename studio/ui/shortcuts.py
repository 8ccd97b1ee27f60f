"""The keys, in one table: for the menus' sake and for the page that lists them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.controls import label, name

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Making pictures",
        (
            ("Ctrl+Enter", "Generate, refine or fill"),
            ("Esc", "Cancel the run; or go back to the picture"),
            ("Ctrl+P / Ctrl+.", "Pause the run or go on / take one step"),
            ("Ctrl+Shift+P", "Apply the settings to the run that is going"),
            ("Ctrl+Shift+Enter", "Accept the result"),
            ("Left / Right", "On the canvas: the result before / after, while one is offered"),
            ("Alt+Left / Alt+Right", "Picture of the batch before / after"),
            ("\\", "Hold to compare with the picture before"),
        ),
    ),
    (
        "Prompt",
        (
            ("Ctrl+Up / Ctrl+Down", "More or less weight for the words at the cursor"),
            ("Alt+Up / Alt+Down", "Earlier and later prompts"),
        ),
    ),
    (
        "Canvas",
        (
            ("B / E", "Brush, eraser"),
            ("L / R / O / W", "Lasso, rectangle, ellipse, colour wand"),
            ("H", "Hand"),
            ("X", "Swap painting and taking away"),
            (
                "Shift / Alt",
                "Held as selecting begins: add / take away; both: intersect",
            ),
            ("[ / ]", "Smaller or larger brush; so does Ctrl+wheel"),
            ("Shift+click", "Straight line from the last stroke"),
            ("Wheel / + / -", "Zoom"),
            ("Space+drag", "Move the picture; so does the middle button"),
            ("Ctrl+E", "Drag the picture's edges to extend it; Shift: both sides alike"),
            ("Ctrl+A / Ctrl+D / Ctrl+I", "Mask all, nothing, or the other part"),
            ("Ctrl+0 / Ctrl+1", "Fit in the window / actual pixels"),
            ("Ctrl+Z / Ctrl+Shift+Z", "Undo / redo"),
        ),
    ),
    (
        "Steps",
        (
            ("1 … 7", "Prediction, noisy, noise, with and without prompt, guidance, change"),
            ("C / Shift+C", "Compare two steps, runs or views / in the next way"),
            ("Left / Right / Home / End", "Move the divider, on the canvas while wiping"),
            ("Left / Right", "Step before / after"),
            ("Home / End", "First / last step"),
            ("PgUp / PgDn", "A tenth of the steps back / on"),
            ("Up / Down", "Picture of the batch before / after"),
            ("Space", "Play or pause"),
            ("F2", "Explain the step"),
            ("F3", "The Forward view: from picture to noise"),
        ),
    ),
    (
        "Files",
        (
            ("Ctrl+O", "Open a picture"),
            ("Ctrl+V", "Paste a picture"),
            ("Ctrl+S", "Save as"),
            ("Ctrl+Shift+E", "Export the steps"),
            ("Ctrl+W", "Close the picture"),
            ("Ctrl+,", "Preferences"),
        ),
    ),
)


class ShortcutPage(QDialog):
    """The table of keys, in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        name(self, "shortcut_page", "Keyboard shortcuts")
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        row = 0
        for heading, keys in KEYS:
            title = label(heading, "heading")
            if row:
                grid.setRowMinimumHeight(row, 12)
                row += 1
            grid.addWidget(title, row, 0, 1, 2)
            row += 1
            for key, what in keys:
                shown = QLabel(native(key))
                shown.setAlignment(Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(shown, row, 0)
                grid.addWidget(label(what, "quiet"), row, 1)
                row += 1
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 14)
        box.addLayout(grid)
        box.addSpacing(8)
        box.addWidget(buttons)


def native(keys: str) -> str:
    """Keys as this system writes them (⌘ on a Mac); words like "drag" stay as they are."""
    parts = []
    for key in keys.split(" / "):
        sequence = QKeySequence(key)
        text = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        parts.append(text if text and "drag" not in key and "click" not in key else key)
    return " / ".join(parts)
