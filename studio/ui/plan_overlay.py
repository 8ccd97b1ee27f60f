"""The plan of the next fill over the picture: its soft edge, what the model sees, at what size."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication

from studio.core.events import Plan
from studio.core.geometry import Box, Margins
from studio.core.recipe import NO_MARGINS
from studio.session.session import Session
from studio.session.wording import scale_text
from studio.ui import canvas_paint as paint
from studio.ui.bind import watch
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_screen import CanvasScreen
from studio.ui.canvas_view import View
from studio.ui.handles import CURSORS, draw_grips, grip_at, pulled
from studio.ui.plan_band import PlanBand

OUTSIDE = QColor(0, 0, 0, 70)
"""Laid over what the model does not see, while the box is dragged."""
PATIENCE = 40
"""Milliseconds after a change until the plan is drawn again: strokes come first."""


class PlanOverlay(Overlay):
    """The box's grips can be dragged; a double click on one makes it automatic again.

    While a run goes, the plan is that run's and cannot be dragged.
    """

    def __init__(self, session: Session, canvas: CanvasScreen) -> None:
        self.session, self.canvas = session, canvas
        self._plan: Plan | None = None
        self._margins = NO_MARGINS
        self._live = False
        self._band = PlanBand()
        self._grip = ""
        self._from: tuple[QPointF, Box, Box | None] | None = None
        self._pressed = ("", 0.0)
        self._timer = QTimer(canvas)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE)
        self._timer.timeout.connect(self.refresh)
        watch(session.planner.changed, canvas, lambda: self._timer.start())
        watch(session.viewing.changed, canvas, self.refresh)
        watch(session.settings.events.show_plan, canvas, lambda *_: self.refresh())
        canvas.overlays.add(self)
        self.refresh()

    @property
    def plan(self) -> Plan | None:
        """What is shown."""
        return self._plan

    def refresh(self) -> None:
        """Look up the plan and draw what has changed; not in the middle of a stroke."""
        if self.session.document.painting:
            self._timer.start()
            return
        self._timer.stop()
        viewing, desk = self.session.viewing, self.session.desk
        run, shown = viewing.run, viewing.shown
        going = run if run is not None and run.active and run.plan else None
        before = self._plan, self._margins
        if going and (shown is None or shown.kind == "live"):
            self._live, self._plan, self._margins = True, going.plan, going.recipe.extend
            self._band.clear()
        elif shown is None and not going and self.session.settings.show_plan:
            self._live, self._plan = False, self.session.planner.plan
            self._margins = desk.framing.margins
            self._make_band()
        else:
            self._plan = None
            self._band.clear()
        if self._plan or before != (self._plan, self._margins):
            self.canvas.update()

    def _make_band(self) -> None:
        picture = self.session.document.picture
        if self._plan is None or picture is None:
            self._band.clear()
            return
        region = self.session.planner.region
        self._band.make(
            self.session.document.live_mask,
            (picture.size, self._margins),
            region.grow(self._plan.band).intersect(self._plan.box),
            self._plan.band,
            self._seen(),
        )

    def _seen(self) -> Box:
        """What the canvas shows, in pixels of the picture with its margins."""
        view, room, margins = self.canvas.view, self.canvas.viewport, self._margins
        left, top = view.to_picture(0, 0)
        right, bottom = view.to_picture(room.width, room.height)
        return Box.between(
            math.floor(left) + margins.left,
            math.floor(top) + margins.top,
            math.ceil(right) + margins.left,
            math.ceil(bottom) + margins.top,
        )

    # Looks

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if self._plan is None:
            return
        rect = placed(self._plan.box, self._margins, view)
        if self._from is not None:
            whole = placed(Box.of(self.session.desk.framing.size), self._margins, view)
            around = [
                QRectF(whole.left(), whole.top(), whole.width(), rect.top() - whole.top()),
                QRectF(whole.left(), rect.bottom(), whole.width(), whole.bottom() - rect.bottom()),
                QRectF(whole.left(), rect.top(), rect.left() - whole.left(), rect.height()),
                QRectF(rect.right(), rect.top(), whole.right() - rect.right(), rect.height()),
            ]
            for part in around:
                painter.fillRect(part, OUTSIDE)
        if not self._live:
            lies = placed(self._band.lies, self._margins, view)
            self._band.paint(painter, lies, self.canvas.smooth)
            if not self._band.fits(self._seen()):
                self._timer.start()
        paint.draw_dashed_box(painter, rect, ratio)
        if self._can_drag:
            draw_grips(painter, rect, ratio, QColor(255, 255, 255))
        size = self._plan.working_size
        words = f"{size.width} × {size.height}   {scale_text(self._plan)}"
        paint.draw_tag(painter, rect, words, self.canvas.font(), ratio)

    # Hands

    @property
    def _can_drag(self) -> bool:
        """While the picture's own edges are dragged, those of the box are not in their way."""
        return not self._live and not self.session.desk.framing.extending

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        return CURSORS.get(self._grip_at(place))

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        grip = self._grip_at(place)
        if not grip or self._plan is None:
            return False
        now = time.monotonic()
        again = now - self._pressed[1] < QApplication.doubleClickInterval() / 1000
        if again and self._pressed[0] == grip:
            self._pressed = ("", 0.0)
            self.session.desk.framing.box = None
            self.refresh()
            return True
        self._pressed = (grip, now)
        self._grip = grip
        self._from = place, self._plan.box, self.session.desk.framing.box
        return True

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if self._from is None:
            return
        start, box, _ = self._from
        moved = (place - start) / self.canvas.zoom
        if abs(moved.x()) >= 1 or abs(moved.y()) >= 1 or self.session.desk.framing.box:
            self.session.desk.framing.box = pulled(box, self._grip, moved.x(), moved.y())
            self.refresh()

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._from = None
        self.canvas.update()

    def cancel(self) -> None:
        if self._from is not None:
            before, self._from = self._from[2], None
            self.session.desk.framing.box = before
            self.refresh()

    def _grip_at(self, place: QPointF) -> str:
        if self._plan is None or not self._can_drag:
            return ""
        ratio = self.canvas.devicePixelRatioF()
        return grip_at(placed(self._plan.box, self._margins, self.canvas.view), place, ratio)


def placed(box: Box, margins: Margins, view: View) -> QRectF:
    """Where on the screen a box is that is in pixels of the picture with its margins."""
    corner = QPointF(*view.to_screen(box.x - margins.left, box.y - margins.top))
    return QRectF(corner.x(), corner.y(), box.width * view.zoom, box.height * view.zoom)
