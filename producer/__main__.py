"""``python -m producer`` is ``wordcount-producer``."""

import sys

from producer.cli import app
from producer.common.terminal import run


def main() -> None:
    """Run the command and exit."""
    sys.exit(run(app, "wordcount-producer", sys.argv[1:]))


if __name__ == "__main__":
    main()
