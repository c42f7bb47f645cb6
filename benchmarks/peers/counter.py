"""Count the words of a file with Python's Counter: ``python counter.py FILE``."""

import sys
from collections import Counter

counts = Counter[str]()
with open(sys.argv[1], encoding="utf-8", newline="\n") as lines:
    for line in lines:
        if text := line.removesuffix("\n"):
            counts.update(text.split(" "))
sys.stdout.write("".join(f"{word}: {count}\n" for word, count in counts.items()))
