"""How two things are compared, and which: under the canvas while it shows both."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from studio.core.picture import Picture
from studio.core.wishes import VIEWS
from studio.session.captions import TITLES
from studio.session.panes import MODES, RATES, Mode, Pane, Still
from studio.session.runs import RunView
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import ElidedLabel, button, name, whole_field
from studio.ui.icons import dress, true_icon
from studio.ui.pixels import to_qimage

ICONS: dict[Mode, str] = {"wipe": "square-split-horizontal", "side": "columns-2", "blink": "layers"}
SHOWN = 12
"""Runs in the menu of what to compare with."""
WORDS = 26


class CompareBar(QFrame):
    """Hidden while nothing is compared."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        comparison = session.comparison
        self.setProperty("bar", True)
        name(self, "compare_bar", "Comparison")
        self.modes: dict[Mode, QToolButton] = {}
        for mode, title, line in MODES:
            made = button(ICONS[mode], f"compare_{mode}", title, f"{title}: {line} (Shift+C)")
            made.setCheckable(True)
            made.clicked.connect(partial(self._set_mode, mode))
            self.modes[mode] = made
        self.rate = QComboBox()
        name(self.rate, "compare_rate", "Blinking speed", "Changes a second")
        for rate in RATES:
            self.rate.addItem(f"{rate:g} Hz", rate)
        self.rate.activated.connect(lambda _: comparison.set_rate(self.rate.currentData()))
        self.other = QToolButton()
        self.other.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.other.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.other.setProperty("flat", True)
        # The arrow after the words, as in every other box that opens.
        self.other.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.other.setIconSize(QSize(12, 12))
        dress(self.other, "chevron-down")
        name(self.other, "compare_other", "Compare with", "What it is compared with: B")
        menu = QMenu(self.other)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.aboutToShow.connect(self._fill)
        self.other.setMenu(menu)
        self.view = QComboBox()
        name(self.view, "compare_view", "View of B", "Which view B shows")
        self.view.addItem("Same view", None)
        for view, _, line in VIEWS:
            self.view.addItem(TITLES[view], view)
            self.view.setItemData(self.view.count() - 1, line, Qt.ItemDataRole.ToolTipRole)
        self.view.activated.connect(lambda _: comparison.show(self.view.currentData()))
        self.link = button(
            "link-2",
            "compare_link",
            "At the same noise level",
            "B follows A to the step at the same noise level",
        )
        self.link.setCheckable(True)
        self.link.clicked.connect(comparison.follow)
        self.step: QSpinBox = whole_field("compare_step", "Step of B", 0, 1000, "The step B shows")
        self.step.valueChanged.connect(comparison.go)
        self.swap = button("arrow-left-right", "compare_swap", "Swap A and B")
        self.swap.clicked.connect(comparison.swap)
        self.words = ElidedLabel()
        self.words.setProperty("quiet", True)
        name(self.words, "compare_words", "How the steps go together")
        self.close_button = button("x", "compare_close", "Stop comparing", "Stop comparing (C)")
        self.close_button.clicked.connect(comparison.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 6, 4)
        row.setSpacing(4)
        for part in (*self.modes.values(), self.rate, self.other, self.view, self.link, self.step):
            row.addWidget(part)
        row.addWidget(self.swap)
        row.addSpacing(6)
        row.addWidget(self.words, 1)
        row.addWidget(self.close_button)
        watch(comparison.changed, self, self._tell)
        watch(session.viewing.changed, self, self._tell)
        self._tell()

    def next_mode(self) -> None:
        """Compare in the next of the ways."""
        order = [mode for mode, _, _ in MODES]
        now = order.index(self.session.comparison.mode)
        self.session.comparison.set_mode(order[(now + 1) % len(order)])

    def _set_mode(self, mode: Mode) -> None:
        self.session.comparison.set_mode(mode)
        self._tell()  # A press on the one that is chosen already must not take the mark away.

    def _tell(self) -> None:
        comparison = self.session.comparison
        self.setVisible(comparison.on)
        if not comparison.on:
            return
        for mode, shown in self.modes.items():
            shown.setChecked(mode == comparison.mode)
        self.rate.setVisible(comparison.mode == "blink")
        self.rate.setCurrentIndex(self.rate.findData(comparison.rate))
        other, place = comparison.other, comparison.place
        stepped = isinstance(other, Pane)
        run = self.session.queue.runs.get(other.run) if isinstance(other, Pane) else None
        self.other.setText(f"B: {self._title(other)}")
        self.view.setVisible(stepped)
        self.view.setCurrentIndex(
            self.view.findData(other.view if isinstance(other, Pane) else None)
        )
        self.link.setVisible(stepped)
        self.link.setChecked(comparison.follows)
        self.step.setVisible(stepped and not comparison.follows)
        with QSignalBlocker(self.step):
            self.step.setMaximum(max(0, (run.newest or 0) if run else 0))
            self.step.setValue(place.step if place else 0)
        self.swap.setVisible(stepped)
        self.swap.setEnabled(comparison.can_swap)
        gone = stepped and run is None
        self.words.setText("That run is no longer here." if gone else comparison.alignment)
        self.words.brief = "" if gone else comparison.alignment_brief
        self.words.setToolTip(f"{comparison.alignment}\n{comparison.hint}".strip())
        self.setAccessibleDescription(f"{comparison.alignment} {comparison.hint}".strip())

    def _title(self, other: Pane | Still | None) -> str:
        if isinstance(other, Still):
            return _short(other.title)
        run = self.session.queue.runs.get(other.run) if other else None
        if run is None:
            return "nothing"
        own = self.session.viewing.run
        if run is own:
            return "this run"
        return "the run it came from" if own and own.parent == run.id else _short(run_title(run))

    def _fill(self) -> None:
        menu, comparison = self.other.menu(), self.session.comparison
        menu.clear()
        kept = menu.addAction("What A shows now")
        dress(kept, "pin")
        kept.triggered.connect(comparison.pin)
        document = self.session.document
        if document.picture is not None:
            title = document.name or "Picture"
            still = Still(document.picture, title)
            action = menu.addAction(true_icon(_thumb(document.picture)), f"The picture: {title}")
            action.triggered.connect(partial(comparison.start, still))
        own = self.session.viewing.run
        for run in comparison.runs[:SHOWN]:
            picture = run.results[0].picture if run.results else None
            if picture is None and run.newest is not None:
                picture = run.preview(run.newest, 0)
            words = "This run" if run is own else _short(run_title(run))
            if own is not None and own.parent == run.id:
                words = f"It came from: {words}"
            action = menu.addAction(f"{words} · {run.steps} steps")
            if picture is not None:
                action.setIcon(true_icon(_thumb(picture)))
            pane = Pane(run.id, run.newest) if run is own else Pane(run.id)
            action.triggered.connect(partial(comparison.start, pane))


def run_title(run: RunView) -> str:
    """What a run is called: its words and seed."""
    return f"{_short(run.recipe.prompt) or 'No prompt'} · seed {run.recipe.seed}"


def _short(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[: WORDS - 1].rstrip()}…"


def _thumb(picture: Picture) -> QPixmap:
    # Every n-th pixel first: scaling all of a large photo would hold up the menu.
    skip = max(1, max(picture.size.width, picture.size.height) // 256)
    small = Picture(picture.pixels[::skip, ::skip].copy())
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(to_qimage(small).scaled(64, 64, keep, smooth))
