"""Tools are run and read line by line, and do not outlive a stop."""

from __future__ import annotations

import os
import sys
import time

import pytest

from studio.bootstrap.errors import SetupFailed
from studio.bootstrap.process import SHOWN, run, tail


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_success_has_nothing_to_tell_but_shows_its_lines() -> None:
    seen: list[str] = []
    assert run(python("print('one'); print('two')"), each=seen.append) == []
    assert seen == ["one", "two"]


def test_failure_tells_all_its_lines_from_both_streams() -> None:
    code = "import sys; print('out', flush=True); sys.exit('err')"
    assert run(python(code)) == ["out", "err"]
    assert run(python("raise SystemExit(3)")) == [f"{sys.executable} ended with 3."]


def test_variables_are_set_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    seen: list[str] = []
    code = "import os; print(os.environ.get('PIP_TARGET'), os.environ['PIP_USER'])"
    run(python(code), changed={"PIP_TARGET": None, "PIP_USER": "0"}, each=seen.append)
    assert seen == ["None 0"]
    assert os.environ["PIP_TARGET"] == "/elsewhere"


def test_a_stop_stops_the_tool() -> None:
    def stop(line: str) -> None:
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(python("import time; print(1, flush=True); time.sleep(60)"), each=stop)
    assert time.monotonic() - begun < 30


def test_a_tool_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(SetupFailed, match="no-such-tool cannot be run"):
        run(["/nowhere/no-such-tool"])


def test_the_tail_is_short_and_leaves_out_progress() -> None:
    assert tail(["Progress 1 of 2", "", "a"]) == "a"
    assert len(tail([str(number) for number in range(99)]).splitlines()) == SHOWN
