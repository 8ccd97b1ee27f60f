"""How long from the first import of Qt until the window is painted, in a fresh process.

    python -m tests.bench.first_paint [--runs 7]

Prints each run and the median, in milliseconds, and whether torch was loaded by then.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

CHILD = """
import sys, time
began = time.perf_counter()
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
application = QApplication([])
from studio.app import App
from studio.library.folders import Folders

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            took = (time.perf_counter() - began) * 1000
            print(f"{took:.0f} {'torch' in sys.modules}", flush=True)
            import os
            os._exit(0)
        return False

app = App(Folders.default(), "cpu")
watch = Watch()
app.window.stage.canvas.installEventFilter(watch)
app.show()
application.exec()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    times = []
    for _ in range(args.runs):
        with tempfile.TemporaryDirectory() as home:
            environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ | {"STUDIO_HOME": home}
            done = subprocess.run(
                [sys.executable, "-c", CHILD],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
        took, torch_loaded = done.stdout.split()
        print(f"{took} ms, torch loaded: {torch_loaded}")
        times.append(float(took))
    print(f"median {statistics.median(times):.0f} ms")


if __name__ == "__main__":
    main()
