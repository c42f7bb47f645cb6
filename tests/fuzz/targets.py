"""What is fuzzed: each function takes any bytes, and fails if the code under test does what it never may."""

import bz2
import contextlib
import gzip
import io
import lzma
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from producer.common.errors import UsageError
from producer.content.compression import BLOCK_BYTES, HEAD_BYTES, BrokenError, blocks, detect, needs_large_window, zstd
from producer.kafka.address import kafka_endpoint
from producer.kafka.client_config import open_client
from producer.text.encoding import Encoding
from producer.text.long_lines import LineLimit, utf8_lines
from streaming.errors import StateError
from streaming.state.checkpoint import log_offset, source_files
from streaming.state.manifest import MANIFEST, read_manifest
from streaming.state.mending import find_mending
from streaming.state.topic_offsets import counted_offsets
from tests.support.made_checkpoint import entry, make, write_log

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp949", "latin-1")
_HALF = 128
_CHECKPOINT_FILES = (
    "offsets/0", "offsets/1", "commits/0", "commits/1", "sources/0/1", "metadata", "state/0/_metadata/metadata",
    "state/0/0/_metadata/schema", "state/0/0/2.delta",
)  # fmt: skip
_OPERATOR = '{"stateStoreInfo":[{"storeName":"default","numPartitions":1}]}'
_MOST_BLOCKS = 4  # of what a bomb holds
_FOLDER = Path(tempfile.mkdtemp(prefix="wordcount-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


def cut_lines(data: bytes) -> None:
    """However a file is cut into blocks and its lines into pieces, it has the same words."""
    if not data:
        return
    encoding = Encoding(_ENCODINGS[data[0] % len(_ENCODINGS)])
    size, content = data[0] // len(_ENCODINGS) + 1, data[1:]
    in_blocks = [content[start : start + size] for start in range(0, len(content), size)]
    expected, _ = _words([content], encoding, LineLimit())
    assert _words(in_blocks, encoding, LineLimit()) == (expected, 0)
    for blocks_ in (in_blocks, [content]):
        found, set_aside = _words(blocks_, encoding, LineLimit(8))
        assert found <= expected
        assert found == expected or set_aside
    assert b"".join(encoding.split(content, size, 0)) == content


def _words(blocks_: list[bytes], encoding: Encoding, limit: LineLimit) -> tuple[Counter[bytes], int]:
    """Return the words of a file, and how many pieces of it are set aside."""
    set_aside: list[int] = []
    text = b"".join(utf8_lines(blocks_, encoding, limit, lambda start, _: set_aside.append(start)))
    return Counter(word for line in text.splitlines() if line for word in line.split(b" ")), len(set_aside)


def read_address(data: bytes) -> None:
    """An address names what it says, or is refused; a password in it is not repeated."""
    text = data.decode("utf-8", "replace")
    try:
        servers, topics = kafka_endpoint(text)
    except UsageError as error:
        is_hidden = "@" not in text or text not in str(error)
    else:
        is_hidden = True
        assert f"kafka://{','.join(servers)}/{','.join(topics)}" == text
    assert is_hidden


def read_properties(data: bytes) -> None:
    """Settings of Kafka's client are taken or refused."""
    file = _FOLDER / "client.properties"
    file.write_bytes(data)
    with contextlib.suppress(UsageError):
        open_client(str(file), say=lambda _: None, hide=lambda _: None)


def decompress(data: bytes) -> None:
    """A packed file is read, or is broken."""
    needs_large_window(data)
    suffix = detect("file", data[:HEAD_BYTES])
    if suffix is None:
        return
    try:
        for block in islice(blocks(io.BytesIO(data), suffix), _MOST_BLOCKS):
            assert 0 < len(block) <= BLOCK_BYTES
    except BrokenError:
        pass


def read_state(data: bytes) -> None:
    """The manifest of a state is read or refused."""
    (_FOLDER / MANIFEST).write_bytes(data)
    try:
        entries = read_manifest(_FOLDER)
    except StateError:
        pass
    else:
        assert all(isinstance(value, str) for value in entries.values())


def mend(data: bytes) -> None:
    """A checkpoint in which one file has any content is mended or refused, and so are its offsets."""
    if not data:
        return
    checkpoint = _FOLDER / "checkpoint"
    shutil.rmtree(checkpoint, ignore_errors=True)
    make(checkpoint, {"0": [entry(_FOLDER / "chunk", 0)], "1": [entry(_FOLDER / "chunk", 1)]}, [0, 1], committed=2)
    operator = checkpoint / "state" / "0"
    write_log(operator / "_metadata", "metadata", [_OPERATOR])
    write_log(operator / "0" / "_metadata", "schema", ["{}"])
    for version in ("1.delta", "2.delta"):
        (operator / "0" / version).write_bytes(b"counts")
    file = checkpoint / _CHECKPOINT_FILES[data[0] % len(_CHECKPOINT_FILES)]
    file.write_bytes(data[1:])
    try:
        find_mending(checkpoint, is_file_source=data[0] < _HALF)
        log_offset(checkpoint, 1)
        list(source_files(checkpoint, after=-1))
        counted_offsets(checkpoint)
    except StateError:
        pass


TARGETS: dict[str, Callable[[bytes], None]] = {
    "lines": cut_lines,
    "address": read_address,
    "properties": read_properties,
    "compression": decompress,
    "manifest": read_state,
    "checkpoint": mend,
}

#: What a fuzzer begins with; it would not find these beginnings by itself.
SEEDS: dict[str, list[bytes]] = {
    "lines": [b"\0to be\r\nor not\n", b"\1a\0\n\0", b"\x14\xef\xbb\xbfa\rb"],
    "address": [b"kafka://a:9092,[::1]:9093/lines,more", b"kafka://user:password@a:9092/lines"],
    "properties": [
        (
            b"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
            b'sasl.jaas.config=a.B required username="u" password="${env:HOME}\\u0041";\n'
        ),
        b"compression.type: zstd\nssl.truststore.type PEM\nrequest.timeout.ms=1\n",
    ],
    "compression": [
        pack(b"to be or not to be\n") for pack in (gzip.compress, bz2.compress, lzma.compress, zstd.compress)
    ],
    "checkpoint": [
        b"\0v1\n{}\n" + b'{"logOffset":0}',
        b"\2v1\n{}",
        b"\4" + b'v1\n{"path":"file:///a","batchId":1}',
        b'\5{"id":"a"}',
        b"\6v1\n" + _OPERATOR.encode(),
    ],
    "manifest": [b'{"format": 4, "source": "folder in", "store": "memory"}'],
}
