"""How soon a step is seen in the strip, and what scrubbing it with its curves costs.

    python -m tests.bench.strip [--moves 600]

In the whole window, with the curves shown: for 200 and 1000 steps and for a batch of four, first
the steps arrive one by one, and what is measured is the time from the engine's event to the
thumbnail painted (at most 100 ms is wanted); then the pointer scrubs over the strip and over the
curves, from the move to everything painted (16 ms). Prints milliseconds on the clock and of
processor time, and fails if the latter is over the limit more than once in a hundred times.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.events import Queued, Started, Stepped, Stopped
from studio.core.picture import Picture
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session.session import Session
from studio.ui.window import Window
from tests.bench.canvas import Cost, milliseconds, report
from tests.session.scripted import Scripted

SEEN, SCRUBBED = 100.0, 16.0


def step(run: str, index: int, steps: int, batch: int) -> Stepped:
    """As the engine tells of a step of 1024×1024: previews, and thumbnails made from them."""
    draw = np.random.default_rng(index)
    large = tuple(Picture(draw.integers(0, 255, (128, 128, 3), np.uint8)) for _ in range(batch))
    small = tuple(Picture(picture.pixels[::2, ::2].copy()) for picture in large)
    share = 0.01 + 0.98 * index / steps
    alpha, sigma = math.sqrt(share), math.sqrt(1 - share)
    change = (0.1,) * batch
    return Stepped(run, index, steps, large, alpha, sigma, 0.0, 0.1, change, change, small)


def arrive(app: QApplication, session: Session, steps: int, batch: int) -> list[Cost]:
    """A run of so many steps; what each costs until it is painted."""
    session.settings.batch = batch
    run = session.generate()
    assert run is not None
    session.receive(Queued(run.id, run.recipe))
    session.receive(Started(run.id, run.recipe, 0, steps))
    app.processEvents()
    costs = []
    for index in range(steps):
        event = step(run.id, index, steps, batch)

        def take(event: Stepped = event) -> None:
            session.receive(event)
            app.processEvents()

        costs.append(milliseconds(take))
    session.receive(Stopped(run.id))
    app.processEvents()
    return costs


def scrub(app: QApplication, widget: QWidget, moves: int) -> list[Cost]:
    """Drag back and forth over all of a widget."""
    costs = []
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseButtonPress
    for number in range(moves):
        part = 0.5 - 0.5 * math.cos(number / moves * 4 * math.pi)
        place = QPointF(8 + part * (widget.width() - 16), widget.height() / 2)
        at = QPointF(widget.mapToGlobal(place))
        event = QMouseEvent(kind, place, at, left, left, none)

        def move(event: QMouseEvent = event) -> None:
            QApplication.sendEvent(widget, event)
            app.processEvents()

        costs.append(milliseconds(move))
        kind = QEvent.Type.MouseMove
    release = QMouseEvent(QEvent.Type.MouseButtonRelease, place, at, left, left, none)
    QApplication.sendEvent(widget, release)
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=600)
    args = parser.parse_args()
    app = QApplication([])
    fine = True
    with tempfile.TemporaryDirectory() as home:
        folders = Folders(Path(home) / "pictures", Path(home) / "data")
        library = Library(folders)
        session = Session(Scripted(), library)
        window = Window(session, folders)
        window.resize(1440, 900)
        window.show()
        window.steps.curves_button.setChecked(True)
        film, plot = window.steps.strip.film, window.steps.curves.plot
        for steps, batch, height in ((200, 1, 300), (1000, 1, 300), (200, 4, 480)):
            what = f"{steps} steps" + (f", {batch} pictures" if batch > 1 else "")
            window.resizeDocks([window.docks[1]], [height], Qt.Orientation.Vertical)
            app.processEvents()
            fine &= report(f"{what}: seen", arrive(app, session, steps, batch), SEEN)
            assert film.film.newest == steps - 1
            for name, widget in (("strip", film.viewport()), ("curves", plot)):
                costs = scrub(app, widget, args.moves)
                fine &= report(f"{what}: {name} scrubbed", costs, SCRUBBED)
        window.close()
        library.close()
    raise SystemExit(not fine)


if __name__ == "__main__":
    main()
