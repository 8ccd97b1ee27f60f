"""What a picture of the starter model takes from a warm engine, recorded and decoded.

    python -m tests.bench.starter [--steps 20] [--runs 5] [--threads 2]

Seconds from the request to the finished picture in the library, under guidance; the median of
the runs after the first, which loads the model. Each run has another seed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from studio.core.recipe import Recipe
from studio.core.request import Request
from tests.engine.conftest import Bench


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--threads", type=int, default=0, help="0: as many as the app takes")
    asked = options.parse_args()
    prompt = "a red lighthouse by the sea at sunset"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), threads=asked.threads)
        seconds = []
        for seed in range(asked.runs + 1):
            began = time.perf_counter()
            bench.finish(Request(Recipe(prompt=prompt, steps=asked.steps, seed=seed)))
            seconds.append(time.perf_counter() - began)
        bench.close()
    print(
        f"{asked.steps} steps, {torch.get_num_threads()} thread(s): {median(seconds[1:]):.2f} s, "
        f"with loading {seconds[0]:.2f} s"
    )


if __name__ == "__main__":
    main()
