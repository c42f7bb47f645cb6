"""``python -m streaming`` is ``wordcount``."""

import sys
import warnings

from producer.common.terminal import run
from streaming.cli.app import app
from streaming.errors import one_line


def main() -> None:
    """Run the command and exit."""
    # Where pandas is installed, pyspark loads it, and warns of a version that it does not know. No count needs pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
    sys.exit(run(app, "wordcount", sys.argv[1:], one_line))


if __name__ == "__main__":
    main()
