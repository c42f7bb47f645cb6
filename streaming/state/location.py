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
    """Note in an output folder where the state of its counts is."""
    pointer = output / _POINTER
    if state == default_location(output):
        pointer.unlink(missing_ok=True)  # of a run that kept its state elsewhere
    else:
        # An absolute path: a reader may have another working directory. If the state is moved, the next start notes it.
        write_file(pointer, f"{state}\n".encode())


def find_state(text: str) -> Path:
    """Return the state folder of a stream.

    Args:
        text: the output folder or the state folder of a stream.

    Raises:
        UsageError: there is no state in the folder, nor in the one that it names.
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
