"""What a pointer event costs on a 24-megapixel photo, from the mouse to the repainted window.

    python -m tests.bench.canvas [--strokes 200]

Paints with a soft brush of 200 pixels at several zooms; prints milliseconds for each pointer
event with its repaint, for pen-up and for undo, and what undo keeps in memory. Then scrubs a
strip of 200 steps. Fails if the processor time of more than one in a hundred is over the limit.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.core.picture import Picture
from studio.session.document import Document
from studio.ui.canvas import CanvasView
from studio.ui.strip import TrajectoryStrip

LIMITS = {"move": 8.0, "up": 16.0, "undo": 16.0}


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
        f"{name:<15} {len(costs):>5} times   clock: median {clock[0]:5.2f}  p99 {clock[1]:5.2f}  "
        f"max {clock[2]:5.2f} ms   processor: median {processor[0]:5.2f}  "
        f"p99 {processor[1]:5.2f}  max {processor[2]:5.2f} ms   "
        f"limit {limit:.0f}   {'ok' if fine else 'TOO SLOW'}"
    )
    return fine


def mouse(app: QApplication, canvas: CanvasView, kind: QEvent.Type, place: QPointF) -> None:
    """One event, and the painting that it causes."""
    held = Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else held
    buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else held
    everywhere = canvas.mapToGlobal(place)
    event = QMouseEvent(kind, place, everywhere, button, buttons, Qt.KeyboardModifier.NoModifier)
    app.sendEvent(canvas, event)
    app.processEvents()


def paint(app: QApplication, canvas: CanvasView, strokes: int) -> dict[str, list[Cost]]:
    rng = np.random.default_rng(0)
    times: dict[str, list[Cost]] = {"down": [], "move": [], "up": []}
    kinds = QEvent.Type
    for _ in range(strokes):
        x, y = rng.uniform(0, canvas.width()), rng.uniform(0, canvas.height())
        angle = rng.uniform(0, 2 * math.pi)

        def send(name: str, kind: QEvent.Type, x: float, y: float) -> None:
            place = QPointF(x, y)
            times[name].append(milliseconds(lambda: mouse(app, canvas, kind, place)))

        send("down", kinds.MouseButtonPress, x, y)
        for _ in range(25):
            angle += rng.normal() * 0.3
            x, y = x + 12 * math.cos(angle), y + 12 * math.sin(angle)
            send("move", kinds.MouseMove, x, y)
        send("up", kinds.MouseButtonRelease, x, y)
    return times


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
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (400, 600, 3), dtype=np.uint8)
    photo = Picture(np.repeat(np.repeat(small, 10, axis=0), 10, axis=1))
    canvas = CanvasView(Document())
    canvas.resize(1400, 900)
    canvas.show()
    opening, _ = milliseconds(lambda: (canvas.document.open(photo, "photo"), app.processEvents()))
    print(f"first sight of {photo.size}: {opening:.0f} ms")
    fine = True
    for name, zoom in (("at fit", 0.0), ("at 50 %", 0.5), ("at 100 %", 1.0), ("at 300 %", 3.0)):
        canvas.fit()
        if zoom:
            canvas.zoom_to(zoom, 700, 450)
        app.processEvents()
        canvas.pen.size, canvas.pen.hardness = 200, 0.0
        times = paint(app, canvas, max(1, strokes // 4))
        for what in ("move", "up"):
            fine &= report(f"{what} {name}", times[what], LIMITS[what])
    kept = canvas.document.undo_bytes / 2**20
    print(f"undo of {strokes} strokes keeps {kept:.1f} MiB")
    undo = []
    while canvas.document.can_undo:
        undo.append(milliseconds(lambda: (canvas.document.undo(), app.processEvents())))
    fine &= report(f"undo, all {len(undo)}", undo, LIMITS["undo"])
    fine &= report("scrub 200 steps", scrub(app), 16.0)
    raise SystemExit(0 if fine and kept < 64 else 1)


if __name__ == "__main__":
    main()
