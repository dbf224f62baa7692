"""Seeded randomness.

Belongs here: one independent stream of random numbers for each thing drawn, named by
words, so that adding a question or an edition changes nothing else. Does not belong
here: what is drawn.
"""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Objects = NDArray[Any]


def stream(seed: int, *names: str) -> np.random.Generator:
    """The generator of that name: the same seed and names always give the same numbers."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def cumulative(z: Floats) -> Floats:
    """The standard normal distribution function, value by value: latent scores to 0..1."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z.ravel()]).reshape(z.shape)
