"""What a start costs before the app itself begins: `python3 tests/bench/start.py [RUNS]`.

Times whole processes from the checkout's root: a bare Python, and a bare Python that checks the
environment and becomes the environment's Python, which checks in turn and then does nothing.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTHING = "pass"
ENTER = "from studio.bootstrap.entry import prepared; raise SystemExit(prepared(lambda: 0))"


def milliseconds(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return 1000 * (time.perf_counter() - begun)


def main() -> None:
    runs = int(sys.argv[1]) if sys.argv[1:] else 20
    for name, code in (("bare Python", NOTHING), ("into the environment", ENTER)):
        milliseconds(code)
        times = sorted(milliseconds(code) for _ in range(runs))
        print(f"{name}: median {statistics.median(times):.0f} ms, worst {times[-1]:.0f} ms")


if __name__ == "__main__":
    main()
