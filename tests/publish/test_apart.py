"""A helper answers in order, says what went wrong, and never outlives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.publish.apart import Helper
from observatory.publish.charts.theme import Spec
from observatory.publish.drawing import ask_png, draw, drawing_helper
from observatory.publish.helpers import helpers
from observatory.publish.pdf import layout_helper, render

MODULE = "tests.publish.helper_of_tests"

PARENT = """
import sys
from observatory.publish.apart import Helper
helper = Helper(sys.argv[1])
print(helper._process.pid, flush=True)
helper.ask(("wait", sys.argv[2]))
helper.answer()
"""


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_requests_are_answered_in_order_and_a_large_one_does_not_wait() -> None:
    large = "x" * 5_000_000
    with Helper(MODULE) as helper:
        for value in (large, "a", "b"):
            helper.ask(("say", value))
        assert [helper.answer() for _ in range(3)] == [large, "a", "b"]


def test_what_a_helper_writes_is_seen_once_and_does_not_get_between_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with Helper(MODULE) as helper:
        for value in ("first", "second"):
            helper.ask(("warn", value))
            assert helper.answer() == value
    assert sorted(capsys.readouterr().err.split()) == ["first", "first", "second", "second"]


def test_a_helper_that_fails_says_why() -> None:
    with Helper(MODULE) as helper:
        helper.ask(("fail", "no such chart"))
        with pytest.raises(RuntimeError, match="no such chart"):
            helper.answer()
    with Helper("observatory.no_such_module") as helper, pytest.raises(RuntimeError, match="no_such_module"):
        helper.ask(("say", "x" * 1_000_000))
    with Helper("observatory.no_such_module") as helper, pytest.raises(RuntimeError, match="no_such_module"):
        helper.answer()


def test_unused_helpers_are_gone_after_their_context() -> None:
    with helpers() as by:
        pids = [helper._process.pid for helper in (by.charts, by.layout)]
        assert all(map(runs, pids))
    assert not any(map(runs, pids))


def test_a_helper_whose_parent_is_killed_ends_in_the_middle_of_its_work(tmp_path: Path) -> None:
    started = tmp_path / "started"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, MODULE, str(started)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(started.exists)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    wait_for(lambda: not runs(pid))
    assert list(tmp_path.iterdir()) == [started]


def test_helpers_draw_and_lay_out_as_this_process_does() -> None:
    texts = [{"values": [{"a": name}]} for name in "abc"]
    specs: list[Spec] = [{"data": data, "mark": "text", "encoding": {"text": {"field": "a"}}} for data in texts]
    source = b"<!DOCTYPE html><html lang=en><title>Title</title><p>Text</p>"
    with drawing_helper() as charts, layout_helper() as layout:
        layout.ask(source)
        drawn = draw(specs, helper=charts)
        ask_png(drawn[0], charts)
        assert charts.answer().startswith(b"\x89PNG")
        assert drawn == draw(specs) and len(set(drawn)) == 3
        assert layout.answer() == render(source)
