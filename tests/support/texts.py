"""Real text to count: logs and books next to the checkout, if they exist, and the texts that come with Python."""

import os
import pydoc_data.topics
from pathlib import Path

_DATA = Path(os.environ.get("WORDCOUNT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def texts(folder: Path) -> list[Path]:
    """Return files of real text; what Python carries is written into ``folder``."""
    own = folder / "topics.txt"
    own.write_text("\n".join(pydoc_data.topics.topics.values()), "utf-8")
    return [own, *sorted(_DATA.glob("*.txt")), *sorted(_DATA.glob("**/*.log"))]
