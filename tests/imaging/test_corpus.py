"""Each file of the corpus opens right or is refused in one sentence, and nothing is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.errors import CannotOpen
from studio.imaging.opening import Opened, open_picture
from tests.imaging import corpus
from tests.imaging.corpus import Case

ROOT = Path(__file__).parents[2]
GIB = 1 << 30
ALL = """
import resource, sys
from pathlib import Path
from studio.core.errors import CannotOpen
from studio.imaging.encoding import encode
from studio.imaging.opening import open_picture
for path in sorted(Path(sys.argv[1]).iterdir()):
    for quick in (False, True):
        try:
            opened = open_picture(path, quick=quick)
            encode(opened.picture, ".png", {}, None, opened.original)
        except CannotOpen:
            pass
# Not ru_maxrss, which begins with what the process that started this one took.
status = Path("/proc/self/status")
if status.exists():
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    print(int(peak.split()[1]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def opened(tmp_path: Path, case: Case) -> Opened | None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    try:
        return open_picture(path)
    except CannotOpen as error:
        refusal = error
    assert refusal.message.endswith(".")
    assert "\n" not in str(refusal)
    assert case.name in refusal.message
    return None


@pytest.mark.parametrize("part", ["truncated", "disguised", "bombs", "metadata", "odd"])
def test_each_opens_right_or_is_refused_in_one_sentence(tmp_path, part, capfd):
    wrong = []
    for case in getattr(corpus, part)():
        found = opened(tmp_path, case)
        size = (found.picture.size.width, found.picture.size.height) if found else None
        said = ", ".join((*found.notes, found.damage)) if found else ""
        if (
            (case.refused and found)
            or (case.size and size != case.size)
            or case.note not in said
            or (found and case.name.startswith("cut") and not found.damage)
        ):
            wrong.append((case.name, size, said))
    assert wrong == []
    assert capfd.readouterr() == ("", "")


def test_all_of_them_take_less_than_a_gigabyte(tmp_path):
    for case in corpus.cases():
        (tmp_path / case.name).write_bytes(case.data)
    done = subprocess.run(
        [sys.executable, "-c", ALL, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < GIB
