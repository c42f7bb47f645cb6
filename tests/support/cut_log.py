"""Take the newest records of a partition away, as an unclean leader election does."""

import struct
from pathlib import Path

_HEAD = ">qi"  # the first offset of a batch, and the bytes that follow
_HEAD_BYTES = 12


def cut_log(data: Path, topic: str, end: int) -> None:
    """Cut the log of a topic's first partition before the batch that begins at an offset.

    Args:
        data: the folder of a broker that does not run.
        topic: the topic; its log has one segment.
        end: the offset.
    """
    folder = data / f"{topic}-0"
    (log,) = folder.glob("*.log")
    content = log.read_bytes()
    at = 0
    while at < len(content):
        first, size = struct.unpack(_HEAD, content[at : at + _HEAD_BYTES])
        if first >= end:
            break
        at += _HEAD_BYTES + size
    log.write_bytes(content[:at])
    for file in (*folder.glob("*index"), *folder.glob("*.snapshot")):
        file.unlink()
    (data / ".kafka_cleanshutdown").unlink(missing_ok=True)  # so that the broker looks at its logs
