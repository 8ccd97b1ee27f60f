"""What explains the runs, attached to the window: the Explain panel and the Forward view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QTabWidget, QToolButton

from studio.ui.bind import watch
from studio.ui.controls import button, name
from studio.ui.explain import ExplainPanel
from studio.ui.explain_probe import ProbeMarker
from studio.ui.forward import ForwardView
from studio.ui.icons import dress

if TYPE_CHECKING:
    from studio.ui.window import Window

WIDTH = 348


class Learning(QObject):
    """Made once by the window, before its menus."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.panel = ExplainPanel(window.session)
        self.dock = window.add_panel("Explain", "explain_dock", self.panel)
        self.explain = QAction("E&xplain the step", window)
        self.explain.setObjectName("action_explain")
        self.explain.setCheckable(True)
        self.explain.setShortcut(QKeySequence("F2"))
        self.explain.setToolTip("Explain the step: its formulas and numbers (F2)")
        self.explain.triggered.connect(self.show_explain)
        self.panel.seen.connect(self.explain.setChecked)
        self.button = QToolButton()
        self.button.setProperty("flat", True)
        self.button.setIconSize(QSize(16, 16))
        self.button.setDefaultAction(self.explain)
        dress(self.explain, "sigma")
        name(self.button, "explain_button", "Explain the step")
        strip = window.steps.strip
        strip.row.insertWidget(strip.row.indexOf(strip.branch_button), self.button)
        self.forward_view: ForwardView | None = None
        self.forward = QAction("&Forward: from picture to noise", window)
        self.forward.setObjectName("action_forward")
        self.forward.setShortcut(QKeySequence("F3"))
        self.forward.triggered.connect(self.show_forward)
        for row in (window.panel.source.strength, window.panel.fill.strength):
            see = button(
                "eye",
                f"see_{row.field.objectName()}",
                "See where it starts",
                "See the noisy picture that the run starts from (F3)",
            )
            see.clicked.connect(self.show_forward)
            row.add(see)
        canvas = window.stage.canvas
        self.marker = ProbeMarker(canvas, self.panel, window.session)
        canvas.overlays.add(self.marker)
        watch(self.panel.explaining.changed, self, lambda: canvas.update())
        self.panel.seen.connect(lambda _: canvas.update())

    def show_explain(self, on: bool) -> None:
        """Bring the panel to the front, beside what else is at the right, or put it away."""
        self.dock.setVisible(on)
        if on:
            self.dock.raise_()
            if not self.dock.isFloating() and self.panel.width() < WIDTH:
                self.window.resizeDocks([self.dock], [WIDTH], Qt.Orientation.Horizontal)

    def show_forward(self) -> None:
        """Open the Forward view, or bring it to the front."""
        if self.forward_view is None:  # made late: most sessions never ask for it
            self.forward_view = ForwardView(self.window.session, self.window)
            self.forward_view.resize(self.forward_view.sizeHint())
        self.forward_view.show()
        self.forward_view.raise_()
        self.forward_view.activateWindow()

    def reset_layout(self) -> None:
        """Away, and behind the history's tab when it comes back."""
        right = Qt.DockWidgetArea.RightDockWidgetArea
        self.dock.setFloating(False)
        self.window.addDockWidget(right, self.dock)
        self.window.setTabPosition(right, QTabWidget.TabPosition.North)
        self.window.tabifyDockWidget(self.window.docks[2], self.dock)
        self.dock.hide()
