"""``wordcount batch``, and that ``stream --once`` prints the same text."""

import bz2
import csv
import gzip
import json
import os
import subprocess
from pathlib import Path

from backports import zstd

from tests.support.golden import GOLDEN
from tests.support.processes import PATIENCE, command, run
from tests.support.reference import count, parsed_file, printed
from tests.support.texts import texts


def test_the_golden_table_by_batch_and_by_stream(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    compressors = (None, gzip.compress, bz2.compress, zstd.compress)
    for number, golden in enumerate(GOLDEN):
        for suffix, compress in zip(("", ".gz", ".bz2", ".zst"), compressors, strict=True):
            (folder / f"_{number}.txt{suffix}").write_bytes(compress(golden.data) if compress else golden.data)
    expected: dict[str, int] = {}
    for golden in GOLDEN:
        for word, number in golden.counts.items():
            expected[word] = expected.get(word, 0) + number * len(compressors)
    by_batch = run("batch", folder)
    by_stream = run("stream", folder, "--once", "--settle", "0s")
    assert (by_batch.returncode, by_batch.stderr) == (0, "")
    assert by_batch.stdout == printed(expected)
    assert by_stream.stdout == by_batch.stdout


def test_real_text_as_plain_python_counts_it(tmp_path: Path) -> None:
    files = texts(tmp_path)
    expected = printed(count(*(file.read_bytes() for file in files)))
    folder = tmp_path / "links"
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number}.log").symlink_to(file)
    assert run("batch", *files).stdout == expected
    assert run("stream", folder, "--once").stdout == expected


def test_what_is_printed_may_be_limited_and_all_is_saved(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"b a c a b a\n")
    assert run("batch", tmp_path / "a.txt", "--top", "2").stdout == "a: 3\nb: 2\n"
    saved = run("batch", tmp_path / "a.txt", "--output", tmp_path / "out")
    assert saved.stdout == ""
    assert str(tmp_path / "out" / "counts.txt") in saved.stderr
    assert saved.stderr.count("\n") == 1
    assert parsed_file(tmp_path / "out" / "counts.txt") == {"a": 3, "b": 2, "c": 1}


def test_the_formats(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'b "quoted", b  \\ tab\there\n')
    expected = [("", 1), ('"quoted",', 1), ("\\", 1), ("b", 2), ("tab\there", 1)]
    expected.sort(key=lambda row: (-row[1], row[0]))
    for name in ("csv", "json", "parquet"):
        assert run("batch", tmp_path / "a.txt", "--output", tmp_path / name, "--format", name).returncode == 0
    with (tmp_path / "csv" / "counts.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["word", "count"]
    assert [(word, int(number)) for word, number in rows] == expected
    lines = (tmp_path / "json" / "counts.json").read_text("utf-8").splitlines()
    assert [(row["word"], row["count"]) for row in map(json.loads, lines)] == expected
    assert (tmp_path / "parquet" / "counts.parquet").read_bytes()[:4] == b"PAR1"
    assert os.listdir(tmp_path / "parquet") == ["counts.parquet"]


def test_files_folders_and_globs_each_file_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.log").write_bytes(b"a\n")
    (tmp_path / "b.log").write_bytes(b"a\n")
    (tmp_path / "sub" / "c.txt").write_bytes(b"a c\n")
    (tmp_path / "sub" / ".hidden").write_bytes(b"a\n")
    result = run("batch", f"{tmp_path}/*.log", tmp_path / "a.log", tmp_path / "sub", tmp_path)
    assert result.stdout == "a: 3\nc: 1\n"
    assert run("batch", tmp_path, "--depth", "1").stdout == "a: 2\n"


def test_an_address_is_read_by_spark_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a b\n")
    assert run("batch", (tmp_path / "a.txt").as_uri()).stdout == "a: 1\nb: 1\n"


def test_a_broken_gzip_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"a b\n" * 100_000)[:300])
    result = run("batch", tmp_path / "broken.gz")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert f"{tmp_path}/broken.gz" in result.stderr
    assert "end" in result.stderr.lower()


def test_options_come_from_the_environment_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"b a a\n")
    assert run("batch", tmp_path / "a.txt", env={"WORDCOUNT_TOP": "1"}).stdout == "a: 2\n"


def test_python_m_does_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    assert run("-m", "streaming", "batch", tmp_path / "a.txt", name="python").stdout == "a: 1\n"
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


def test_a_source_that_holds_the_temporary_folder_is_counted_without_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    for arguments in (["batch", tmp_path], ["stream", tmp_path, "--once"]):
        result = run(*arguments, env={"TMPDIR": str(tmp_path)})
        assert (result.stdout, result.stderr) == ("a: 1\n", "")
    assert os.listdir(tmp_path) == ["a.txt"]
