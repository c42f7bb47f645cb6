"""How many rounds of chaos there are, and with which chance: ``make chaos ROUNDS=500 SEED=4711``."""

import os
import random
from collections.abc import Iterator
from itertools import count


def rounds(default: int) -> int:
    """Return how many rounds to run."""
    return int(os.environ.get("CHAOS_ROUNDS") or default)


def points() -> Iterator[int]:
    """Yield the points at which to meet a fault: all of them if ``CHAOS_ROUNDS`` is set, otherwise each third."""
    step = 1 if os.environ.get("CHAOS_ROUNDS") else 3
    return count(chance().randint(1, step), step)


def chance(number: int = 0) -> random.Random:
    """Return the chance of a test, and print its seed, which pytest shows if the test fails.

    Args:
        number: that of the case, of a test that has several with a seed each.
    """
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1 << 32)) + number
    print(f"seed {seed}")
    return random.Random(seed)
