"""What the hands cost on large photos, from the event to the repainted window.

    python -m tests.bench.canvas [--strokes 200]

In the whole window, with everything that follows the mask: opens 24 and 100 megapixels, zooms and
pans, paints with a soft brush of 200 pixels at several zooms, draws a lasso, uses the wand and
changes the mask as a whole, and undoes it all. Prints milliseconds and what undo keeps in memory,
then scrubs a strip of 200 steps. Fails if the processor time of more than one in a hundred is over
the limit.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.core.events import Awake, Catalogued
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session import files
from studio.session.pen import Tool
from studio.session.session import Session
from studio.ui.canvas import CanvasView
from studio.ui.mask_panel import OPERATIONS
from studio.ui.strip import TrajectoryStrip
from studio.ui.window import Window
from tests.session.scripted import STARTER, Scripted

LIMITS = {"move": 8.0, "up": 16.0, "undo": 16.0, "look": 16.0, "whole": 1000.0}
"""`whole`: what is done to all of a mask at once, or opens a picture."""

Cost = tuple[float, float]
"""Milliseconds on the clock, and of processor time: all that counts on a busy machine."""


def milliseconds(do: Callable[[], object]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time()
    do()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def report(name: str, costs: list[Cost], limit: float) -> bool:
    clock, processor = np.quantile(np.array(costs), [0.5, 0.99, 1.0], axis=0).T
    fine = bool(processor[1] <= limit)
    print(
        f"{name:<28} {len(costs):>5} times   clock: median {clock[0]:6.2f}  p99 {clock[1]:6.2f}  "
        f"max {clock[2]:6.2f} ms   processor: median {processor[0]:6.2f}  "
        f"p99 {processor[1]:6.2f}  max {processor[2]:6.2f} ms   "
        f"limit {limit:.0f}   {'ok' if fine else 'TOO SLOW'}",
        flush=True,
    )
    return fine


class Hands:
    """One person at one window; every event is followed by all the painting that it causes."""

    def __init__(self, app: QApplication, window: Window) -> None:
        self.app, self.window = app, window
        self.canvas: CanvasView = window.stage.canvas
        self.document = self.canvas.document
        self.rng = np.random.default_rng(0)
        self.fine = True

    def judge(self, name: str, costs: list[Cost], limit: str) -> None:
        self.fine &= report(name, costs, LIMITS[limit])

    def timed(self, do: Callable[[], object]) -> Cost:
        return milliseconds(lambda: (do(), self.app.processEvents()))

    def mouse(self, kind: QEvent.Type, x: float, y: float) -> Cost:
        held = Qt.MouseButton.LeftButton
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else held
        buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else held
        place = QPointF(x, y)
        event = QMouseEvent(kind, place, self.canvas.mapToGlobal(place), button, buttons, _NONE)
        return self.timed(lambda: self.app.sendEvent(self.canvas, event))

    def wheel(self, x: float, y: float, notches: int) -> Cost:
        place, none = QPointF(x, y), Qt.MouseButton.NoButton
        event = QWheelEvent(
            place, self.canvas.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), none,
            _NONE, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        return self.timed(lambda: self.app.sendEvent(self.canvas, event))

    def open(self, size: Size) -> None:
        picture = photo(size, self.rng)
        name = f"{size.area / 1e6:.0f} MP"
        self.judge(
            f"open {name}", [self.timed(lambda: files.bring(self.window.session, picture, name))],
            "whole",
        )  # fmt: skip
        self.judge(f"after opening {name}", self.turns(), "look")

    def turns(self, seconds: float = 1.0) -> list[Cost]:
        """Each turn of the event loop while nothing is done: what is finished afterwards."""
        until, costs = time.perf_counter() + seconds, []
        while time.perf_counter() < until:
            costs.append(milliseconds(self.app.processEvents))
        return costs

    def look_around(self, name: str) -> None:
        costs = []
        for notches in [1] * 14 + [-1] * 20 + [1] * 10:
            costs.append(self.wheel(*self.anywhere(), notches))
        self.judge(f"zoom, {name}", costs, "look")
        self.canvas.pen.tool, costs = Tool.HAND, []
        for zoom in (0.0, 0.5, 1.0, 3.0):
            self.zoom(zoom)
            x, y = self.anywhere()
            self.mouse(QEvent.Type.MouseButtonPress, x, y)
            for step in range(60):
                angle = step / 60 * 2 * math.pi
                costs.append(
                    self.mouse(
                        QEvent.Type.MouseMove, x + 200 * math.cos(angle), y + 200 * math.sin(angle)
                    )
                )
            self.mouse(QEvent.Type.MouseButtonRelease, x, y)
        self.judge(f"pan, {name}", costs, "look")

    def anywhere(self) -> tuple[float, float]:
        return self.rng.uniform(0, self.canvas.width()), self.rng.uniform(0, self.canvas.height())

    def zoom(self, zoom: float) -> None:
        self.canvas.fit()
        if zoom:
            self.canvas.zoom_to(zoom, self.canvas.width() / 2, self.canvas.height() / 2)
        self.app.processEvents()

    def paint(self, name: str, strokes: int) -> None:
        pen, moves, ups = self.canvas.pen, [], []
        pen.tool, pen.size, pen.hardness = Tool.BRUSH, 200, 0.0
        for _ in range(strokes):
            x, y = self.anywhere()
            angle = self.rng.uniform(0, 2 * math.pi)
            self.mouse(QEvent.Type.MouseButtonPress, x, y)
            for _ in range(25):
                angle += self.rng.normal() * 0.3
                x, y = x + 12 * math.cos(angle), y + 12 * math.sin(angle)
                moves.append(self.mouse(QEvent.Type.MouseMove, x, y))
            ups.append(self.mouse(QEvent.Type.MouseButtonRelease, x, y))
        self.judge(f"brush {name}", moves, "move")
        self.judge(f"pen-up {name}", ups, "up")

    def undo(self, name: str, limit: str) -> None:
        costs = []
        while self.document.can_undo and self.document.has_mask:
            costs.append(self.timed(self.document.undo))
        self.judge(name, costs, limit)

    def select(self) -> None:
        pen, canvas = self.canvas.pen, self.canvas
        self.zoom(0.0)
        pen.tool, moves = Tool.LASSO, []
        middle_x, middle_y = canvas.width() / 2, canvas.height() / 2
        self.mouse(QEvent.Type.MouseButtonPress, middle_x + 250, middle_y)
        for step in range(1500):
            angle, reach = step / 1500 * 2 * math.pi, 220 + 30 * math.sin(step / 9)
            x, y = middle_x + reach * math.cos(angle), middle_y + reach * math.sin(angle)
            moves.append(self.mouse(QEvent.Type.MouseMove, x, y))
        self.judge("lasso, 1500 points", moves, "move")
        up = self.mouse(QEvent.Type.MouseButtonRelease, middle_x + 250, middle_y)
        self.judge("lasso, closed", [up], "whole")
        pen.tool, pen.tolerance = Tool.WAND, 40
        for contiguous, name in ((True, "wand, contiguous"), (False, "wand, everywhere")):
            pen.contiguous, costs = contiguous, []
            for _ in range(4):
                x, y = self.anywhere()
                costs.append(self.mouse(QEvent.Type.MouseButtonPress, x, y))
                self.mouse(QEvent.Type.MouseButtonRelease, x, y)
            self.judge(name, costs, "whole")

    def reshape(self, name: str) -> None:
        for operation in OPERATIONS:
            for amount in (8, 64):
                change = operation.change
                cost = self.timed(
                    lambda by=amount, do=change: self.document.try_out(
                        lambda mask, painted: do(mask, painted, by)
                    )
                )
                self.document.give_up()
                title = operation.title.replace("&", "").lower()
                self.judge(f"{title} by {amount}, {name}", [cost], "whole")


_NONE = Qt.KeyboardModifier.NoModifier


def photo(size: Size, rng: np.random.Generator) -> Picture:
    small = rng.integers(0, 255, (size.height // 10, size.width // 10, 3), dtype=np.uint8)
    return Picture(np.repeat(np.repeat(small, 10, axis=0), 10, axis=1))


def scrub(app: QApplication) -> list[Cost]:
    strip = TrajectoryStrip()
    strip.resize(1200, 140)
    strip.show()
    strip.start(200)
    rng = np.random.default_rng(0)
    for index in range(200):
        pixels = rng.integers(0, 255, (128, 128, 3), dtype=np.uint8)
        strip.add(index, Picture(pixels), f"Step {index}")
    app.processEvents()
    times = []
    for index in (*range(200), *range(199, -1, -1)):

        def go(index: int = index) -> None:
            strip.film.picked.emit(index)
            app.processEvents()

        times.append(milliseconds(go))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=int, default=200)
    strokes = parser.parse_args().strokes
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        folders = Folders(Path(home) / "pictures", Path(home) / "data")
        library = Library(folders)
        session = Session(Scripted(), library)
        window = Window(session, folders)
        window.resize(1920, 1200)
        window.show()
        session.receive(Awake("cpu", "CPU"))
        session.receive(Catalogued((STARTER,)))
        app.processEvents()
        hands = Hands(app, window)
        hands.open(Size(6000, 4000))
        hands.look_around("24 MP")
        for name, zoom in (("at fit", 0.0), ("at 50 %", 0.5), ("at 100 %", 1.0), ("at 300 %", 3.0)):
            hands.zoom(zoom)
            hands.paint(name, max(1, strokes // 4))
        kept = hands.document.undo_bytes / 2**20
        print(f"undo of {strokes} strokes keeps {kept:.1f} MiB")
        hands.reshape("strokes")
        hands.undo("undo of every stroke", "undo")
        hands.select()
        hands.reshape("the wand's")
        hands.undo("undo of every selection", "whole")
        hands.open(Size(11600, 8600))
        hands.look_around("100 MP")
        hands.zoom(0.0)
        hands.paint("at fit, 100 MP", max(1, strokes // 10))
        hands.fine &= report("scrub 200 steps", scrub(app), 16.0)
        window.close()
        library.close()
    raise SystemExit(0 if hands.fine and kept < 64 else 1)


if __name__ == "__main__":
    main()
