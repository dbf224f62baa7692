"""Parts of the work that run beside the rest.

Belongs here: starting a process early so that its heavy library is there when work comes, giving it work, and its end.
Does not belong here: any such work (drawing.py, pdf.py).

A helper is `python -m <module>` whose module ends in `serve(…)`. Requests and answers are pickled, through pipes; a
helper never writes a file, so one whose run was killed can't leave anything where the next run builds.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NoReturn


class Helper:
    """A process that gets ready, then answers requests one after the other. It is gone when its context is left."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._said, self._heard_until = tempfile.TemporaryFile(), 0  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )

    def ask(self, request: object) -> None:
        """Give it work, and go on with something else."""
        assert self._process.stdin is not None
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        except BrokenPipeError:
            self._failed()

    def answer(self) -> Any:
        """What became of the oldest request. Raises RuntimeError with what the process said, if it ended instead."""
        assert self._process.stdout is not None
        try:
            found = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError):
            self._failed()
        # Warnings are seen as if the work had been done here.
        sys.stderr.write(self._heard())
        return found

    def end(self) -> None:
        """End it, at work or not."""
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._said):
            if file is not None:
                with suppress(BrokenPipeError):  # the rest of a request that nobody reads any more
                    file.close()

    def _failed(self) -> NoReturn:
        status = self._process.wait()
        raise RuntimeError(f"{self._module}: status {status}\n{self._heard()}") from None

    def _heard(self) -> str:
        # Read by position: the process goes on writing where it is.
        size = os.fstat(self._said.fileno()).st_size - self._heard_until
        said = os.pread(self._said.fileno(), size, self._heard_until)
        self._heard_until += len(said)
        return said.decode(errors="replace")

    def __enter__(self) -> Helper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def serve(ready: Callable[[], object], work: Callable[[Any], object]) -> None:
    """The life of a helper: `ready` loads and warms what `work` needs, then each request is answered.

    It ends at once, without tidying up, when whoever started it closes the pipe or dies.
    """
    # Ctrl+C reaches every process of the terminal; the one that was asked to run the year decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    try:
        ready()
        while True:
            pickle.dump(work(requests.get()), answers)
            answers.flush()
    except BaseException:
        traceback.print_exc()
        # An ordinary end would wait for the thread that reads, and give back a large heap piece by piece.
        os._exit(1)


def _listen(requests: SimpleQueue[Any]) -> None:
    """Beside the work, so that the pipe's end is noticed in the middle of it and a large request never waits."""
    try:
        while True:
            requests.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(0)
