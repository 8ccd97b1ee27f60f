"""What the brush paints: what is to be filled, where to take from for that, or where not."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from studio.session.asking import material_counts
from studio.session.coat import Target
from studio.session.filler import maker_of
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import button, label, name
from studio.ui.material_overlay import COLORS

WAYS: tuple[tuple[Target, str, str, str], ...] = (
    ("fill", "Fill", "Paint what is filled", "What is replaced"),
    ("from", "From here", "Paint where to take from", "Only this is drawn on for the fill"),
    ("not_from", "Not here", "Paint where not to take from", "The fill takes nothing of this"),
)
_DOT = 8


class MaterialRow(QWidget):
    """Tools, menu and keys of the mask then work on what is chosen here."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.document = session, session.document
        name(self, "material", "What is painted")
        self.group = QButtonGroup(self)
        self.ways: dict[Target, QToolButton] = {}
        row = QHBoxLayout()
        row.setSpacing(0)
        for target, text, accessible, _ in WAYS:
            made = QToolButton()
            made.setText(text)
            made.setProperty("flat", True)
            made.setCheckable(True)
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            made.setIconSize(QSize(_DOT, _DOT))
            if target in COLORS:
                made.setIcon(_dot(COLORS[target]))
            name(made, f"paint_{target}", accessible)
            made.clicked.connect(partial(self._aim, target))
            self.group.addButton(made)
            self.ways[target] = made
            row.addWidget(made)
        row.addStretch(1)
        self.clear = button("x", "clear_material", "Clear what is painted")
        self.clear.setProperty("flat", False)
        self.clear.setProperty("bare", True)  # the narrowest panel has no room to spare
        self.clear.clicked.connect(self._clear)
        row.addWidget(self.clear)
        self.words = label("", "quiet")
        self.words.setWordWrap(True)
        name(self.words, "material_words", "Where the fill takes its material from")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        box.addWidget(self.words)
        for signal in (
            session.action_changed,
            session.models_changed,
            self.document.target_changed,
            self.document.history_changed,
            self.document.material_changed,
        ):
            watch(signal, self, self._show)
        self._show()

    def _aim(self, target: Target, *_: object) -> None:
        self.document.aim(target)

    def _clear(self) -> None:
        self.document.clear_coat(self.document.target)

    def _show(self, *args: object) -> None:
        able = material_counts(self.session)
        if not able:
            self.document.aim("fill")  # nothing else could be seen to matter
        model = maker_of(self.session)
        title = model.title if model else "This model"
        why = f"{title} draws what it has learnt, and takes nothing from the picture."
        for target, _, accessible, tip in WAYS:
            made = self.ways[target]
            made.setChecked(target == self.document.target)
            usable = able or target == "fill"
            made.setEnabled(usable)
            made.setToolTip(f"{accessible}\n{tip}" if usable else why)
        chosen = next(text for target, text, *_ in WAYS if target == self.document.target)
        self.clear.setEnabled(self.document.coat.any)
        self.clear.setToolTip(f"Clear what is painted “{chosen}”")
        self.words.setText(self._words(able))
        self.words.setVisible(bool(self.words.text()))

    def _words(self, able: bool) -> str:
        here, never = (self.document.coats[target].any for target in ("from", "not_from"))
        if not able:
            return "What is painted blue and orange is not used." if here or never else ""
        if here or never:
            only = "only from what is blue" if here else "from everywhere"
            return f"Material is taken {only}{', not from what is orange' if never else ''}."
        if self.document.target == "from":
            return "Paint where the fill may take its material from."
        if self.document.target == "not_from":
            return "Paint what the fill must not take any material from."
        return ""


def _dot(color: str) -> QIcon:
    pixmap = QPixmap(2 * _DOT, 2 * _DOT)
    pixmap.setDevicePixelRatio(2)  # Qt makes it smaller where the screen has no more
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(1, 1, _DOT - 2, _DOT - 2)
    painter.end()
    return QIcon(pixmap)
