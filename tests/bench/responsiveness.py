"""How late the window's event loop is while a run is going.

    python -m tests.bench.responsiveness [--model starter] [--runs 3] [--steps 100]

A timer asks to be called every 5 ms; how much later it is called is what a person would feel.
Prints median, 99th percentile and maximum, idle, while torch is loaded, and during runs.
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

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import App
from studio.library.folders import Folders

PERIOD = 5.0


class Clock:
    """Collects how late each tick comes, in milliseconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(int(PERIOD))
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.late = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.late

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._last) * 1000 - PERIOD))
        self._last = now


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def report(name: str, late: list[float]) -> None:
    late = sorted(late)
    high = late[min(len(late) - 1, int(len(late) * 0.99))]
    print(
        f"{name:<16} ticks {len(late):>6}   median {statistics.median(late):6.2f} ms   "
        f"p99 {high:6.2f} ms   max {late[-1]:7.2f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    args = parser.parse_args()
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        app = App(Folders(Path(folder) / "pictures", Path(folder) / "data"))
        clock = Clock()
        app.window.show()
        wait(0.5)
        clock.start()
        wait(2)
        report("idle", clock.stop())
        clock.start()
        app.engine.start()
        while not (app.session.models and app.session.device):
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        report("loading torch", clock.stop())
        app.session.settings.model = args.model
        app.session.settings.steps = args.steps
        app.session.settings.prompt = "a red lighthouse by the sea at sunset"
        for index in range(args.runs + 1):
            clock.start()
            app.session.generate()
            while app.session.queue.active:
                application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            report("first run" if not index else f"run {index}", clock.stop())
        app.window.close()
        app.close()
    application.quit()


if __name__ == "__main__":
    main()
