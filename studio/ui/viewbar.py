"""Under the canvas: what is looked at of a step, and whether it is compared."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from studio.core.wishes import GUIDED, HEAT, VIEWS, View
from studio.session.captions import TITLES
from studio.session.message import Message
from studio.session.session import Session
from studio.session.viewing import guided
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.icons import dress


class ViewBar(QToolBar):
    """Hidden while there are no steps to look at. Its actions are in the View menu as well."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Views of a step", parent)
        self.session = session
        name(self, "view_bar", "Views of a step")
        self.setMovable(False)
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.views: dict[View, QAction] = {}
        # Not exclusive by itself: while a result is looked at, none of them is.
        self.group = QActionGroup(self)
        self.group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for number, (view, _, line) in enumerate(VIEWS, 1):
            action = self._add(TITLES[view], f"view_{view}", line, str(number))
            action.setActionGroup(self.group)
            action.triggered.connect(partial(self._show_view, view))
            self.views[view] = action
        self.gap = self.addSeparator()
        self.pure = self._add(
            "Over the picture", "view_over", "Show the picture under the heat", ""
        )
        dress(self.pure, "image")
        shown = self.widgetForAction(self.pure)
        assert isinstance(shown, QToolButton)
        shown.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.pure.setChecked(True)
        self.pure.triggered.connect(lambda on: session.viewing.show_pure(not on))
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        self.compare = self._add(
            "Compare", "compare_views", "Compare two steps, runs or views", "C"
        )
        dress(self.compare, "square-split-horizontal")
        self.compare.triggered.connect(self._compare)
        rest = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if rest is not None:
            # The style's own arrow for what does not fit is dark on dark.
            dress(rest, "chevron-down")
            rest.setAccessibleName("More views")
            rest.setToolTip("More views")
        self._all = (*self.views.values(), self.pure, self.compare)
        self._told: object = None
        for signal in (session.viewing.changed, session.comparison.changed, session.step_taken):
            watch(signal, self, self._tell)
        self._tell()

    def _add(self, text: str, object_name: str, tip: str, key: str) -> QAction:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setObjectName(f"action_{object_name}")
        action.setToolTip(f"{tip} ({key})" if key else tip)
        if key:
            action.setShortcut(QKeySequence(key))
        shown = self.widgetForAction(action)
        shown.setProperty("flat", True)
        name(shown, object_name, tip)
        shown.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return action

    def _show_view(self, view: View) -> None:
        self.session.viewing.show(view)
        self._tell()  # A press on the one that is chosen already must not take the mark away.

    def _compare(self, on: bool) -> None:
        if not on:
            self.session.comparison.stop()
        elif not self.session.comparison.start():
            self.session.say(
                Message(
                    "There is nothing to compare with yet.",
                    "Look at a step, or make a second picture.",
                )
            )
        self._tell()

    def _tell(self, *_: object) -> None:
        viewing, on = self.session.viewing, self.session.comparison.on
        run, spot = viewing.run, viewing.place
        has_steps = run is not None and bool(run.previews)
        at = spot.step if spot else run.newest if run else None
        both = run is not None and at is not None and guided(run, at)
        view = spot.view if spot else None
        now = (has_steps, both, view, viewing.pure, on)
        checked = tuple(action.isChecked() for action in self._all)
        if (now, checked) == self._told:
            return  # Most steps are like the one before, and scrubbing is to be quick.
        self.setVisible(has_steps or on)
        for name_, action in self.views.items():
            action.setChecked(name_ == view)
            action.setEnabled(has_steps and (both or name_ not in GUIDED))
            if name_ in GUIDED:
                line = next(line for one, _, line in VIEWS if one == name_)
                why = "" if both or not has_steps else ": this step was taken without guidance"
                action.setToolTip(f"{line}{why} ({action.shortcut().toString()})")
        for action in (self.gap, self.pure):
            action.setVisible(view in HEAT)
        self.pure.setChecked(not viewing.pure)
        self.compare.setChecked(on)
        self._told = now, tuple(action.isChecked() for action in self._all)
