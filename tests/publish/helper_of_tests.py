"""A helper without a heavy library: it says, prints, waits, stops or fails as it is asked."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from observatory.publish.apart import serve


def work(request: tuple[str, str]) -> str:
    what, value = request
    if what == "fail":
        raise ValueError(value)
    if what == "warn":
        print(value)
        print(value, file=sys.stderr)
    if what == "wait":
        Path(value).touch()
        time.sleep(60)
    return value


if __name__ == "__main__":
    serve(lambda: None, work)
