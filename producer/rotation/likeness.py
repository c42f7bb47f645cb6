"""Whether a file that a search found is what a log was rotated to."""

import time

from producer.content.compression import BrokenError, NotReadError
from producer.content.fingerprint import head_keys
from producer.discovery.found_file import FoundFile
from producer.positions.copy_rule import clock_was_set_back
from producer.positions.position import Content, LostContent
from producer.reading.open_file import ChangedError, opened
from producer.reading.originals import beginning, fingerprints_of, points


def begins_with(file: FoundFile, content: Content) -> bool | None:
    """Tell whether a file begins with all that was published of a content, None if it is still being written."""
    try:
        with opened(file) as source:
            lost_ns = content.lost_ns if isinstance(content, LostContent) else 0
            is_too_old = 0 < source.birth_ns < content.birth_ns
            is_too_new = 0 < lost_ns < source.birth_ns and not source.compression
            was_set_back = clock_was_set_back(source.birth_ns, content.birth_ns, lost_ns, time.time_ns())
            if (is_too_old or is_too_new) and not was_set_back:
                return False
            if content.head not in head_keys(beginning(source)):
                return False
            _, fingerprints = fingerprints_of(source, [extent for extent, _ in points(content)])
    except (OSError, BrokenError, ChangedError):
        return None
    return any(extent and fingerprints.get(extent) == known for extent, known in points(content))


def is_beginning_of(file: FoundFile, longer: FoundFile) -> bool:
    """Tell whether a file, decompressed, is the beginning of another one."""
    try:
        with opened(file) as source, opened(longer) as other:
            size, fingerprints = fingerprints_of(source, [])
            return size <= other.size and other.fingerprint(size).digest() == fingerprints[size]
    except (OSError, BrokenError, ChangedError):
        return False


def is_not_read(file: FoundFile) -> bool:
    """Tell whether a file is packed in a way that is not read."""
    try:
        with opened(file) as source:
            if source.compression:
                beginning(source)
    except NotReadError:
        return True
    except (OSError, BrokenError, ChangedError):
        pass
    return False
