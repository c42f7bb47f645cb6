"""Where the state of an output folder is: in it, or in the folder that its file ``.state`` names."""

import os
from pathlib import Path

from producer.common.atomic_file import write_file
from producer.common.errors import UsageError
from streaming.state.manifest import MANIFEST

_POINTER = ".state"


def default_location(output: Path) -> Path:
    """Return the state folder of an output folder for which no other was given."""
    return output / "state"


def note_location(output: Path, state: Path) -> None:
    """Have an output folder lead to the state folder that its counts come from."""
    pointer = output / _POINTER
    if state == default_location(output):
        pointer.unlink(missing_ok=True)  # of a run that kept its state elsewhere
    else:
        # An absolute path, for a reader may be in any folder. The next start of a moved state writes it again.
        write_file(pointer, f"{state}\n".encode())


def find_state(text: str) -> Path:
    """Return the state folder of a stream.

    Args:
        text: a state folder, or an output folder that has one in it or leads to one.

    Raises:
        UsageError: there is no state in the folder, nor where it leads to.
    """
    folder = Path(os.path.abspath(text))
    noted = _noted_location(folder)
    for state in (folder, noted or default_location(folder)):
        if (state / MANIFEST).exists():
            return state
    if noted is not None:
        raise UsageError(f"{text}: its state was in {noted}, where there is none now; give the folder it was moved to")
    raise UsageError(f"{text}: holds no state; give the --output or the --checkpoint of a stream")


def _noted_location(output: Path) -> Path | None:
    try:
        return Path((output / _POINTER).read_text("utf-8").removesuffix("\n"))
    except (OSError, ValueError):
        return None
