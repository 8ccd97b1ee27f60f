"""The View menu's part about steps, and the strip's: which view of them, and comparing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from studio.session.comparing import compare_with_parent
from studio.session.panes import MODES, Mode, Pane
from studio.ui.bind import watch
from studio.ui.icons import dress
from studio.ui.stage import Stage
from studio.ui.strip import TrajectoryStrip


class ViewerActions(QObject):
    """Adds to `menu`. The views and Compare are the actions of the bar under the canvas."""

    def __init__(self, menu: QMenu, stage: Stage, strip: TrajectoryStrip) -> None:
        super().__init__(stage)
        self.session, self.stage = stage.session, stage
        views = menu.addMenu("View of a &step")
        for action in stage.views.views.values():
            views.addAction(action)
        views.addSeparator()
        views.addAction(stage.views.pure)
        menu.addAction(stage.views.compare)
        ways = menu.addMenu("Compare &as")
        group = QActionGroup(self)
        self.modes: dict[Mode, QAction] = {}
        for mode, title, _ in MODES:
            action = ways.addAction(title)
            action.setObjectName(f"action_compare_{mode}")
            action.setCheckable(True)
            action.triggered.connect(lambda _, mode=mode: self._set_mode(mode))
            group.addAction(action)
            self.modes[mode] = action
        ways.addSeparator()
        self.next = self._add(ways, "compare_next", "&Next way", "Shift+C", self._next)
        self.parent_ = self._add(
            ways, "compare_parent", "With the run it &came from", "", self._with_parent
        )
        strip.menu_about_to_show.connect(self._offer)
        for signal in (self.session.comparison.changed, self.session.viewing.changed):
            watch(signal, self, self._tell)
        self._tell()

    def _add(
        self, menu: QMenu, object_name: str, text: str, keys: str, do: Callable[[], object]
    ) -> QAction:
        action = menu.addAction(text)
        action.setObjectName(f"action_{object_name}")
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: do())
        return action

    def _set_mode(self, mode: Mode) -> None:
        self.session.comparison.set_mode(mode)
        if not self.session.comparison.on:
            self.stage.views.compare.trigger()

    def _next(self) -> None:
        if self.session.comparison.on:
            self.stage.compare_bar.next_mode()

    def _with_parent(self) -> None:
        run = self.session.viewing.run
        if run is not None:
            compare_with_parent(self.session, run)

    def _offer(self, menu: QMenu, index: int) -> None:
        """What a step's own menu has to say about comparing."""
        run = self.session.viewing.run
        if run is None:
            return
        menu.addSeparator()
        pane = Pane(run.id, index, image=run.image)
        compare = menu.addAction("Compare with this step")
        dress(compare, "square-split-horizontal")
        compare.triggered.connect(lambda: self.session.comparison.start(pane))
        if run.parent:
            menu.addAction(self.parent_)

    def _tell(self) -> None:
        run = self.session.viewing.run
        for mode, action in self.modes.items():
            action.setChecked(mode == self.session.comparison.mode)
        self.parent_.setEnabled(run is not None and bool(run.parent))
