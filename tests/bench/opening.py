"""How long a photo takes from being chosen to being seen, against the bare decoding of it.

    python -m tests.bench.opening [--megapixels 24] [--times 9]

Makes JPEGs (landscape, and portrait as a phone writes it), and opens each in the real window.
Prints milliseconds: Pillow's own decoding, the event loop's longest pause meanwhile, until the
window shows the picture, and the ratio. Fails if a landscape JPEG is over the limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import cv2
import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import App
from studio.core.picture import Picture
from studio.library.folders import Folders

LIMIT = 1.5


class Watcher(QObject):
    """Notes when the canvas is first painted with a picture, and the longest pause before."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.canvas = app.window.stage.canvas
        self.document = app.session.document
        self.before: Picture | None = None
        self.painting = False
        self.pause = 0.0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.canvas.installEventFilter(self)

    def start(self) -> None:
        self.before, self.painting, self.pause = self.document.picture, False, 0.0
        self._last = time.perf_counter()
        self._timer.start(2)

    def stop(self) -> None:
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        new = self.document.picture is not self.before
        self.painting = self.painting or (event.type() == QEvent.Type.Paint and new)
        return False

    def _tick(self) -> None:
        now = time.perf_counter()
        self.pause, self._last = max(self.pause, now - self._last), now


def photo(folder: Path, megapixels: float) -> tuple[Path, Path]:
    """A landscape of soft shapes and grain, and the same with the orientation of a portrait."""
    chance = np.random.default_rng(0)
    width = round((megapixels * 1e6 * 1.5) ** 0.5)
    height = round(width / 1.5)
    coarse = chance.integers(0, 256, (height // 10, width // 10, 3), np.uint8)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = chance.normal(0, 6, (height, width, 1)).astype(np.float32)
    image = Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = folder / "landscape.jpg", folder / "portrait.jpg"
    image.save(paths[0], quality=92)
    image.save(paths[1], quality=92, exif=exif)
    return paths


def decoding(path: Path) -> float:
    start = time.perf_counter()
    with Image.open(path) as image:
        image.load()
    return time.perf_counter() - start


def opening(qt: QApplication, app: App, watcher: Watcher, path: Path) -> tuple[float, float]:
    app.session.close_picture()
    qt.processEvents()
    watcher.start()
    start = time.perf_counter()
    app.session.open_file(path)
    while not watcher.painting:
        time.sleep(0.0005)
        qt.processEvents()  # which has painted when it returns
    seen = time.perf_counter()
    watcher.stop()
    return seen - start, watcher.pause


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--times", type=int, default=9)
    args = parser.parse_args()
    qt = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        paths = photo(folder, args.megapixels)
        app = App(Folders(folder / "pictures", folder / "data"))
        app.window.show()
        qt.processEvents()
        watcher = Watcher(app)
        fine = True
        for path in paths:
            ratios, decoded, seen, pauses = [], [], [], []
            for turn in range(args.times + 1):
                bare = decoding(path)
                shown, pause = opening(qt, app, watcher, path)
                if turn:  # the first one loads libraries
                    decoded.append(bare)
                    seen.append(shown)
                    ratios.append(shown / bare)
                    pauses.append(pause)
            ratio = statistics.median(ratios)
            limited = path is paths[0]
            verdict = ("ok" if ratio <= LIMIT else "TOO SLOW") if limited else ""
            fine = fine and verdict != "TOO SLOW"
            print(
                f"{path.stem:<10} Pillow decodes in {statistics.median(decoded) * 1000:6.0f} ms   "
                f"seen after {statistics.median(seen) * 1000:6.0f} ms   ratio {ratio:.2f} "
                f"(best {min(ratios):.2f})   longest pause {max(pauses) * 1000:4.0f} ms   {verdict}"
            )
        app.window.close()
        app.close()
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
