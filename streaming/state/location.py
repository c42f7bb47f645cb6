"""Where the state of an output folder is: in it, or in the folder that its file ``.state`` names.

Where the checkpoint of a state is: in its folder, or in the one that its manifest names after a conversion.
"""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from producer.common.atomic_file import write_file
from producer.common.errors import UsageError
from streaming.state.manifest import CHECKPOINT, MANIFEST

_POINTER = ".state"
CHECKPOINTS = ("checkpoint", "checkpoint-rocksdb")  #: before and after a conversion


def default_location(output: Path) -> Path:
    """Return the state folder of an output folder for which no other was given."""
    return output / "state"


def checkpoint_in(state: Path, entries: Mapping[str, str]) -> Path:
    """Return the checkpoint of a state, from the entries of its manifest.

    >>> checkpoint_in(Path("state"), {}).as_posix()
    'state/checkpoint'
    """
    return state / entries.get(CHECKPOINT, "checkpoint")


def note_location(output: Path, state: Path) -> None:
    """Note in an output folder where the state of its counts is."""
    pointer = output / _POINTER
    if state == default_location(output):
        pointer.unlink(missing_ok=True)  # of a run that kept its state elsewhere
    else:
        # An absolute path: a reader may have another working directory. If the state is moved, the next start notes it.
        write_file(pointer, f"{state}\n".encode())


def is_state(folder: Path) -> bool:
    """Tell whether a folder holds a state."""
    return (folder / MANIFEST).exists()


def remove_remains(folder: Path) -> None:
    """Remove the checkpoint that Spark makes anew, with nothing before it, where a state was removed meanwhile."""
    if not is_state(folder):
        for name in CHECKPOINTS:
            shutil.rmtree(folder / name, ignore_errors=True)
        with contextlib.suppress(OSError):  # it holds something else, or is gone
            folder.rmdir()


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
        if is_state(state):
            return state
    if noted is not None:
        raise UsageError(f"{text}: its state was in {noted}, where there is none now; give the folder it was moved to")
    raise UsageError(f"{text}: holds no state; give the --output or the --checkpoint of a stream")


def _noted_location(output: Path) -> Path | None:
    try:
        return Path((output / _POINTER).read_text("utf-8").removesuffix("\n"))
    except (OSError, ValueError):
        return None
