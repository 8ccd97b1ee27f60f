"""One line: how the model shares the device's memory, and why; with a menu to have it otherwise."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.core.memory import MEANINGS, PLANS
from studio.session.sharing import Sharing
from studio.ui.bind import watch
from studio.ui.controls import button, label, name

THICK = 4
ONE = "This device has no memory of its own: there is nowhere for a network to leave to."


class MemoryLine(QWidget):
    """What the last run of this model needed of what was free, as a bar and a sentence."""

    def __init__(self, sharing: Sharing) -> None:
        super().__init__()
        self.sharing = sharing
        name(self, "memory_line", "Memory")
        self.bar = Bar()
        name(self.bar, "memory_bar", "Share of the free memory that is needed")
        self.says = label("", "quiet")
        self.says.setWordWrap(True)
        name(self.says, "memory_says", "How the model uses memory")
        self.says.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.menu = PlanMenu(sharing, self)
        self.button = button("memory-stick", "memory_plan", "How memory is used")
        self.button.setMenu(self.menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        texts = QVBoxLayout()
        texts.setContentsMargins(0, 0, 0, 0)
        texts.setSpacing(5)
        texts.addWidget(self.says)
        texts.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(texts, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        watch(sharing.changed, self, self._show)
        self._show()

    def _show(self) -> None:
        self.says.setText(self.sharing.says)
        share = self.sharing.share
        self.bar.setVisible(share is not None)
        self.bar.show_share(share or 0.0)
        wanted = dict(PLANS)[self.sharing.wish]
        self.button.setToolTip(f"How memory is used: {wanted}")


class PlanMenu(QMenu):
    """The plans, the wanted one ticked, each with what it costs."""

    def __init__(self, sharing: Sharing, parent: QWidget) -> None:
        super().__init__(parent)
        self.sharing = sharing
        name(self, "memory_menu", "How memory is used")
        self.setToolTipsVisible(True)
        group = QActionGroup(self)
        self.plans = {}
        for plan, text in PLANS:
            action = self.plans[plan] = group.addAction(text)
            action.setObjectName(f"memory_{plan}")
            action.setCheckable(True)
            action.setToolTip(MEANINGS[plan])
            action.triggered.connect(lambda _=False, plan=plan: sharing.wants(plan))
            self.addAction(action)
            if plan == "auto":
                self.addSeparator()
        watch(sharing.changed, self, self._show)
        self._show()

    def _show(self) -> None:
        self.plans[self.sharing.wish].setChecked(True)
        for plan, action in self.plans.items():
            able = self.sharing.able or plan == "auto"
            action.setEnabled(able)
            action.setToolTip(MEANINGS[plan] if able else ONE)


class Bar(QWidget):
    """A thin bar, filled by a share of 0…1."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        self.setFixedHeight(THICK)

    def sizeHint(self) -> QSize:
        return QSize(80, THICK)

    def show_share(self, share: float) -> None:
        self.share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        round_by = whole.height() / 2
        painter.setBrush(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(whole, round_by, round_by)
        used = QRectF(whole)
        used.setWidth(max(whole.height(), whole.width() * self.share))
        if self.share > 0:
            # Quieter than a slider, which it is not.
            painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawRoundedRect(used, round_by, round_by)
        painter.end()
