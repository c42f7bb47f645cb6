"""``wordcount batch``, and that ``stream --once`` prints the same text."""

import bz2
import gzip
import lzma
import os
import signal
import subprocess
from pathlib import Path

import pytest
from backports import zstd

from tests.support.golden import GOLDEN
from tests.support.processes import PATIENCE, command, run, wait_until
from tests.support.reference import count, parsed_file, printed
from tests.support.texts import texts
from tests.support.warm import run_warm


def test_batch_and_stream_count_the_golden_table(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    compressors = (None, gzip.compress, bz2.compress, zstd.compress, lzma.compress)
    for number, golden in enumerate(GOLDEN):
        for suffix, compress in zip(("", ".gz", ".bz2", ".zst", ".xz"), compressors, strict=True):
            (folder / f"_{number}.txt{suffix}").write_bytes(compress(golden.data) if compress else golden.data)
    expected: dict[str, int] = {}
    for golden in GOLDEN:
        for word, number in golden.counts.items():
            expected[word] = expected.get(word, 0) + number * len(compressors)
    there = sorted(os.listdir(folder))
    for arguments in (["batch", folder], ["stream", folder, "--once", "--settle", "0s"]):
        result = run(*arguments, env={"TMPDIR": str(folder)})  # temporary files in the source count for nothing
        assert (result.returncode, result.stdout, result.stderr) == (0, printed(expected), "")
    assert sorted(os.listdir(folder)) == there


def test_real_text_is_counted_as_plain_python_does(tmp_path: Path) -> None:
    files = texts(tmp_path)
    expected = printed(count(*(file.read_bytes() for file in files)))
    folder = tmp_path / "links"
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number}.log").symlink_to(file)
    assert run_warm("batch", *files).stdout == expected
    assert run_warm("stream", folder, "--once").stdout == expected


def test_with_an_output_everything_is_saved_and_nothing_printed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"b a c a b a\n")
    saved = run_warm("batch", tmp_path / "a.txt", "--output", tmp_path / "out")
    assert saved.stdout == ""
    assert str(tmp_path / "out" / "counts.txt") in saved.stderr
    assert saved.stderr.count("\n") == 1
    assert parsed_file(tmp_path / "out" / "counts.txt") == {"a": 3, "b": 2, "c": 1}


def test_the_parquet_format(tmp_path: Path) -> None:
    """Which the others look like is in the tests of what saves them."""
    (tmp_path / "a.txt").write_bytes(b'b "quoted", b  \\ tab\there\n')
    assert run_warm("batch", tmp_path / "a.txt", "--output", tmp_path / "out", "--format", "parquet").returncode == 0
    assert (tmp_path / "out" / "counts.parquet").read_bytes()[:4] == b"PAR1"
    assert os.listdir(tmp_path / "out") == ["counts.parquet"]


def test_each_file_of_files_folders_globs_and_addresses_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.log").write_bytes(b"a\n")
    (folder / "b.log").write_bytes(b"a b\n")
    (folder / "sub" / "c.txt").write_bytes(b"a c\n")
    (folder / "sub" / ".hidden").write_bytes(b"a\n")
    (tmp_path / "by-spark.txt").write_bytes(b"a d\n")
    address = (tmp_path / "by-spark.txt").as_uri()
    result = run_warm("batch", f"{folder}/*.log", folder / "a.log", folder / "sub", folder, address)
    assert result.stdout == "a: 4\nb: 1\nc: 1\nd: 1\n"
    # Options come from the environment, too.
    assert run_warm("batch", folder, "--depth", "1", env={"WORDCOUNT_TOP": "1"}).stdout == "a: 2\n"


def test_a_broken_gzip_file_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"a b\n" * 100_000)[:300])
    result = run_warm("batch", tmp_path / "broken.gz")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert f"{tmp_path}/broken.gz" in result.stderr
    assert "end" in result.stderr.lower()


def test_python_m_runs_the_same_commands(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    missing = run("-m", "streaming", "batch", tmp_path / "missing", name="python")
    assert (missing.returncode, missing.stderr.startswith(f"wordcount: {tmp_path}/missing: no such file")) == (2, True)
    produced = run("-m", "producer", tmp_path / "a.txt", "--to", tmp_path / "to", name="python")
    assert (produced.returncode, len(list((tmp_path / "to").glob("chunk-*")))) == (0, 1)


def test_a_stream_ends_when_its_reader_closes_the_pipe(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"".join(b"word%d\n" % number for number in range(100_000)))
    for unbuffered in ("", "1"):
        stream = subprocess.Popen(
            [command("wordcount"), "stream", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
        assert stream.stdout is not None
        assert stream.stdout.readline() == b"word0: 1\n"
        stream.stdout.close()
        assert stream.wait(timeout=PATIENCE) == 141
        assert stream.stderr is not None
        assert b"Traceback" not in stream.stderr.read()
        stream.stderr.close()


def test_a_reader_that_closes_the_pipe_early_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\n".join(b"w%d" % number for number in range(200_000)))
    shell = f"wordcount batch '{tmp_path}/a.txt' | head -1"
    result = run("-c", shell, name="sh", env={"PATH": f"{Path(command('wordcount')).parent}:{os.environ['PATH']}"})
    assert (result.stdout, result.stderr) == ("w0: 1\n", "")


@pytest.mark.parametrize("source", ["-", "pipe"])
def test_a_pipe_that_brings_nothing_is_left_at_the_first_signal(tmp_path: Path, source: str) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(
        [command("wordcount"), "batch", source],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:  # the folder of what Spark is to read is made just before the pipe is read
            wait_until(lambda: any("jvm" not in path.name for path in temporary.rglob("wordcount-*")), "the start")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert list(temporary.iterdir()) == []
