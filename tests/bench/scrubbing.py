"""How fast the canvas follows the pointer over the strip.

    python -m tests.bench.scrubbing [--steps 200] [--side 1024] [--moves 600]

A run of 200 steps of 1024×1024 is in the archive (tensors made up, no network). The pointer drags
over the strip 60 times a second; from its move to the canvas being painted is what is measured,
once for the first picture (the thumbnail) and once for the larger preview that the second engine
thread makes meanwhile. Then the strip is scrubbed while the starter model draws, and the event
loop's lateness is measured, as in `tests.bench.responsiveness`.

"work" is the processor time of the window's thread from the move to the picture painted: on a
machine that does other things as well it says what is ours of the delay.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.app import App
from studio.core.events import Queued, Started, Stepped, Stopped
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.wishes import VIEWS, View
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.trajectory import Trajectory
from studio.library.folders import Folders
from studio.models.preview import LinearPreview
from studio.ui.window import Window
from tests.bench.responsiveness import Clock

RUN = "synthetic"


def make_run(steps: int, side: int) -> Trajectory:
    """A picture that forms, in latents of four channels."""
    levels = [
        Level(float(np.cos(a)), float(np.sin(a)), 0.0) for a in np.linspace(1.55, 0.02, steps + 1)
    ]
    recipe = Recipe(model="starter", size=Size(side, side), steps=steps)
    made = Trajectory(RUN, Record(recipe, RUN), tuple(levels), tuple(levels[1:]), 0)
    draw = torch.Generator().manual_seed(0)
    shape = (1, 4, side // 8, side // 8)
    end, noise = torch.randn(shape, generator=draw), torch.randn(shape, generator=draw)
    end = torch.nn.functional.avg_pool2d(end, 9, 1, 4) * 9
    made.preview = LinearPreview(torch.randn(37, 12, generator=draw) * 0.12, 2)
    for index, level in enumerate(levels[:-1]):
        x0 = end * (index + 1) / steps + 0.05 * noise * (1 - index / steps)
        before = State(index, level.alpha * x0 + level.sigma * noise)
        parts = (0.8 * x0, x0 + 0.01 * noise)
        made.add(Step(before, x0, State(index + 1, before.x), parts), 0.05)
    return made


def tell(app: App, run: Trajectory) -> None:
    """Have the window know the run, as if it had just been drawn."""
    recipe, steps = run.record.recipe, len(run.steps)
    assert run.preview is not None
    session = app.session
    session.receive(Queued(RUN, recipe))
    session.receive(Started(RUN, recipe, 0, steps))
    for index in range(steps):
        level, measures = run.levels[index], run.measures[index]
        rgb = ((run.preview(run.at(index).x0)[0] + 1) * 127.5).clamp(0, 255).to(torch.uint8)
        large = Picture(rgb.permute(1, 2, 0).contiguous().numpy())
        small = Picture(np.ascontiguousarray(large.pixels[::3, ::3]))
        event = Stepped(
            RUN, index, steps, (large,), level.alpha, level.sigma, 0.0, 0.05,
            measures.change, measures.guidance,
        )  # fmt: skip
        session.receive(replace(event, thumbnails=(small,)))
    session.receive(Stopped(RUN))


class Painted(QObject):
    """Notes when the canvas was painted last."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.at = self.work = 0.0
        self.count = 0
        canvas = window.stage.canvas
        paint = canvas.paintEvent

        def timed(event: object) -> None:
            paint(event)  # type: ignore[arg-type]
            self.at, self.work = time.perf_counter(), time.thread_time()
            self.count += 1

        canvas.paintEvent = timed  # type: ignore[method-assign]


def move(window: Window, x: float) -> None:
    """The pointer, with the button down, over the strip at x."""
    film = window.steps.strip.film.viewport()
    place = QPointF(x, film.height() / 2)
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        QPointF(film.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        left,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(film, event)


def places(window: Window, moves: int) -> list[float]:
    """Back and forth over what is seen of the strip, faster and slower."""
    width = window.steps.strip.film.viewport().width() - 20
    phase = np.linspace(0, 6 * np.pi, moves) + 0.5 * np.sin(np.linspace(0, 40, moves))
    return [float(10 + width * (0.5 - 0.5 * np.cos(p))) for p in phase]


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(max(0, int(seconds * 1000)), loop.quit)
    loop.exec()


def scrub(window: Window, view: View, moves: int) -> tuple[list[float], ...]:
    """Milliseconds from a move to the canvas painted, the work in that, and milliseconds to the
    preview of that step painted."""
    session, painted = window.session, Painted(window)
    first, work, better = [], [], []
    session.viewing.show(view)
    bar = window.steps.strip.film.horizontalScrollBar()
    for number, x in enumerate(places(window, moves)):
        bar.setValue(round(bar.maximum() * number / moves))
        QApplication.processEvents()
        begun, before, step = time.perf_counter(), painted.count, session.viewing.step
        worked = time.thread_time()
        move(window, x)
        if session.viewing.step == step:
            continue
        while painted.count == before:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        first.append((painted.at - begun) * 1000)
        work.append((painted.work - worked) * 1000)
        spot = session.viewing.place
        assert spot is not None
        while session.sights.find(spot) is None:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QApplication.processEvents()
        better.append((painted.at - begun) * 1000)
        wait(1 / 60 - (time.perf_counter() - begun))
    return first, work, better


def report(name: str, values: list[float]) -> None:
    low, high, most = np.percentile(values, [50, 99, 100])
    times = f"median {low:6.2f} ms   p99 {high:6.2f} ms   max {most:7.2f} ms"
    print(f"{name:<34} {len(values):>5}   {times}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--moves", type=int, default=600)
    args = parser.parse_args()
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        app = App(Folders(Path(folder) / "pictures", Path(folder) / "data"), "cpu")
        app.window.resize(1440, 900)
        app.window.show()
        app.engine.start()
        while not (app.session.models and app.session.device):
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        run = make_run(args.steps, args.side)
        answers = app.engine._darkroom._answers
        assert answers is not None
        answers._archive.add(run)
        tell(app, run)
        app.session.viewing.select(app.session.queue.runs[RUN], 0)
        app.window.stage.resting.stop()
        app.session.viewing.changed.disconnect(app.window.stage.resting._moved)
        scrub(app.window, "x0", 60)
        for view, _, _ in VIEWS:
            first, work, better = scrub(app.window, view, args.moves)
            report(f"{view}: move to painted", first)
            report(f"{view}: work in that", work)
            report(f"{view}: move to preview painted", better)
        while_running(app, args.moves)
        app.window.close()
        app.close()
    application.quit()


def while_running(app: App, moves: int) -> None:
    """The event loop's lateness while the starter model draws and the strip is scrubbed."""
    session, clock = app.session, Clock()
    session.settings.steps = 1000
    session.settings.prompt = "a red lighthouse by the sea at sunset"
    run = session.generate()
    assert run is not None
    while len(run.previews) < 5:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    for name, view in (("scrubbing a run that goes", "x0"), ("scrubbing its noise", "noise")):
        session.viewing.show(view)
        clock.start()
        for x in places(app.window, moves // 2):
            move(app.window, x)
            wait(1 / 60)
        report(name, clock.stop())
    session.queue.cancel_all()
    while session.queue.active:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


if __name__ == "__main__":
    main()
