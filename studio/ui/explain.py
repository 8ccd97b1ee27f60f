"""The Explain panel: the formulas of the step looked at, and how to read them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.explanation import Place, as_latex, as_text
from studio.session.explaining import Explaining
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import button, label, name, whole_field
from studio.ui.explain_page import ExplainPage, Mode
from studio.ui.flow import Flow

MODES: tuple[tuple[Mode, str, str], ...] = (
    ("both", "Both", "Formulas as symbols, and with this step's numbers"),
    ("symbols", "Symbols", "Formulas as symbols only"),
    ("numbers", "Numbers", "Formulas with this step's numbers only"),
)
EMPTY = "Choose a step in the strip below\nto see what the sampler did there."
LARGEST = 1 << 20
PAUSE = 80
"""Milliseconds from page to page, while scrubbing."""
REST = 400
"""Milliseconds without another page until screen readers are told of this one."""


class ExplainPanel(QWidget):
    """Follows the step that is looked at for as long as it can be seen."""

    seen = Signal(bool)
    """It has come into sight, or gone."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.explaining = Explaining(session)
        name(self, "explain", "Explain")
        self.page = ExplainPage()
        self._titles: list[str] = []
        self.modes = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        for mode, text, tip in MODES:
            made = QToolButton()
            made.setProperty("flat", True)
            made.setText(text)
            made.setCheckable(True)
            made.setChecked(mode == "both")
            name(made, f"explain_{mode}", text, tip)
            made.clicked.connect(lambda _=False, mode=mode: self.page.set_mode(mode))
            self.modes.addButton(made)
            row.addWidget(made)
        row.addStretch(1)
        self.pick = button(
            "crosshair",
            "explain_pick",
            "Choose the place in the picture",
            "Click in the picture to read the numbers there",
        )
        self.pick.setCheckable(True)
        row.addWidget(self.pick)
        self.copy = button("copy", "explain_copy", "Copy the explanation", "Copy (Ctrl+C)")
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy)
        menu.addAction("Copy as text", self.copy_text).setObjectName("explain_copy_text")
        menu.addAction("Copy as LaTeX", self.copy_latex).setObjectName("explain_copy_latex")
        self.copy.setMenu(menu)
        row.addWidget(self.copy)
        places = QHBoxLayout()
        places.setSpacing(5)
        self.fields: dict[str, QSpinBox] = {}
        for text in ("Channel", "Row", "Column"):
            field = whole_field(
                f"explain_{text.lower()}", text, 0, LARGEST, "Where to read numbers"
            )
            field.setFixedWidth(46)
            field.valueChanged.connect(self._typed)
            words = label(text, "quiet")
            words.setBuddy(field)
            places.addWidget(words)
            places.addWidget(field)
            self.fields[text] = field
        places.addStretch(1)
        self.links = Flow(2)
        self.empty = QLabel(EMPTY)
        self.empty.setProperty("quiet", True)
        self.empty.setWordWrap(True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self.empty, "explain_empty", "Why there is no explanation")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.page)
        name(self.area, "explain_scroll", "Explanation of the step")
        self.area.installEventFilter(self)
        head = QWidget()
        rows = QVBoxLayout(head)
        rows.setContentsMargins(10, 4, 10, 6)
        rows.setSpacing(6)
        rows.addLayout(row)
        rows.addLayout(places)
        rows.addLayout(self.links)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.empty, 1)
        box.addWidget(self.area, 1)
        self.setMinimumWidth(300)
        self._pause = self._timer(PAUSE, self._show_latest)
        self._rest = self._timer(REST, self.page.describe)
        self._waiting = False
        watch(self.explaining.changed, self, self._changed)
        self._show()

    def copy_text(self) -> None:
        explanation = self.explaining.explanation
        if explanation:
            QGuiApplication.clipboard().setText(as_text(explanation))

    def copy_latex(self) -> None:
        explanation = self.explaining.explanation
        if explanation:
            QGuiApplication.clipboard().setText(as_latex(explanation))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.explaining.follow(True)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.explaining.follow(False)
        self._rest.stop()
        self.pick.setChecked(False)
        self.seen.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.matches(QKeySequence.StandardKey.Copy):
                event.accept()
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            self.copy_text()
            return True
        return super().eventFilter(watched, event)

    def go(self, section: int) -> None:
        """Scroll to a section."""
        if 0 <= section < len(self.page.tops):
            self.area.verticalScrollBar().setValue(self.page.tops[section])

    def _place(self) -> tuple[int, int]:
        """The section at the top of what is seen, −1 for the heading, and how far into it."""
        at = self.area.verticalScrollBar().value()
        section = bisect_right(self.page.tops, at) - 1
        return section, at - self.page.tops[section] if section >= 0 else 0

    def _link(self, titles: list[str]) -> None:
        """One button a section."""
        if titles == self._titles:
            return
        self._titles = titles
        while (item := self.links.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, title in enumerate(titles):
            made = QToolButton()
            made.setProperty("flat", True)
            made.setText(title)
            name(made, f"explain_go_{title.lower()}", f"Go to {title.lower()}")
            made.clicked.connect(lambda _=False, number=number: self.go(number))
            self.links.addWidget(made)

    def _typed(self) -> None:
        channel, row, column = (field.value() for field in self.fields.values())
        self.explaining.probe(Place(channel, row, column))

    def _timer(self, interval: int, do: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(do)
        return timer

    def _changed(self) -> None:
        """Show it, but not more often than can be read: setting a page takes as long as a frame."""
        if self._pause.isActive():
            self._waiting = True
        else:
            self._show()
            self._pause.start()

    def _show_latest(self) -> None:
        if self._waiting:
            self._waiting = False
            self._changed()

    def _show(self) -> None:
        explanation = self.explaining.explanation
        self.empty.setText(self.explaining.reason or EMPTY)
        self.empty.setVisible(explanation is None)
        self.area.setVisible(explanation is not None)
        self.copy.setEnabled(explanation is not None)
        self.pick.setEnabled(explanation is not None)
        if explanation is None:
            self._link([])
        elif explanation is not self.page.explanation or not self._titles:
            section, into = self._place()
            self.page.show_explanation(explanation)
            self._rest.start()
            self._link([part.short for part in explanation.sections])
            # The same section stays where it is, though those before it have changed their height.
            if 0 <= section < len(self.page.tops):
                self.page.resize(self.page.width(), self.page.minimumHeight())
                self.area.verticalScrollBar().setValue(self.page.tops[section] + into)
        at = explanation.place if explanation else None
        numbers = (at.channel, at.row, at.column) if at else (0, 0, 0)
        for field, number, most in zip(
            self.fields.values(),
            numbers,
            explanation.size if explanation else (1, 1, 1),
            strict=True,
        ):
            field.setEnabled(explanation is not None)
            if not field.hasFocus():
                field.blockSignals(True)
                field.setRange(0, most - 1)
                field.setValue(number)
                field.blockSignals(False)
