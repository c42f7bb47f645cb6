"""``python -m streaming`` is ``wordcount``."""

import sys

from producer.common.terminal import run
from streaming.cli.app import app
from streaming.errors import one_line


def main() -> None:
    """Run the command and exit."""
    sys.exit(run(app, "wordcount", sys.argv[1:], one_line))


if __name__ == "__main__":
    main()
