"""README.md and docs/ hold together: links, options, files and tests exist, and every block is accounted for."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer.main

from benchmarks.options import Options
from producer.cli import app as producer_app
from producer.kafka.client_config import open_client
from streaming.cli.app import app
from tests.support.broker_settings import make_certificates
from tests.support.pages import PAGES, ROOT, blocks, prose

#: How many blocks of a page show commands that no test of the page runs; each says why in its fence.
_NOT_RUN = {"README.md": 2, "docs/kafka.md": 2, "docs/cluster.md": 3, "docs/development.md": 1}
_KINDS = {"console", "python", "text", "message", "properties"}
_OTHERS = re.compile(r"docker[- ](?:compose|run)[^`\n]*|pip wheel[^`\n]*")  # commands that are not ours
_LINKED = {**PAGES, "ARCHITECTURE.md": ROOT / "ARCHITECTURE.md", "CHANGELOG.md": ROOT / "CHANGELOG.md"}


def test_readme_fits_on_two_screens() -> None:
    assert len(PAGES["README.md"].read_text("utf-8").splitlines()) <= 120


def test_the_index_has_every_page() -> None:
    index = PAGES["docs/README.md"].read_text("utf-8")
    assert [page for page in PAGES if page.startswith("docs/") and f"({Path(page).name})" not in index] == [
        "docs/README.md"
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run_or_says_why_not(page: str) -> None:
    found = blocks(page)
    assert {block.kind for block in found} <= _KINDS
    assert [block.kind for block in found if block.kind != "console" and "$ " in block.text.splitlines()[0]] == []
    reasons = [block.reason for block in found if block.reason is not None]
    assert all(reasons)
    assert len(reasons) == _NOT_RUN.get(page, 0)
    assert {block.note for block in found if block.reason is None} <= {"", "broker"}
    assert not re.search(r"^(    |\t)", prose(page), re.MULTILINE), "a block without a fence"


@pytest.mark.parametrize("page", _LINKED)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", _LINKED[page].read_text("utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        file = _LINKED[page].parent / path if path else _LINKED[page]
        assert file.exists(), target
        if anchor:
            assert anchor in {
                _anchor(heading) for heading in re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            }


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_every_option_exists(page: str) -> None:
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _OTHERS.sub("", PAGES[page].read_text("utf-8"))))
    assert shown - set(_options()) == set()


def _options() -> Iterator[str]:
    yield "--help"
    group = typer.main.get_command(app)
    for command in [group, *group.commands.values(), typer.main.get_command(producer_app)]:  # type: ignore[attr-defined]
        for parameter in command.params:
            yield from parameter.opts
    yield from (f"--{field.name.replace('_', '-')}" for field in fields(Options))  # of the benchmarks


def test_make_knows_every_target() -> None:
    text = "".join(path.read_text("utf-8") for path in _LINKED.values())
    targets = sorted(set(re.findall(r"(?:\$ |`)make ([a-z-]+)", text)))
    assert {"demo", "test"} <= set(targets)
    result = subprocess.run(["make", "--dry-run", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_every_file_that_is_named_exists() -> None:
    for page, path in _LINKED.items():
        for name in re.findall(
            r"`((?:streaming|producer|tests|docs|\.ci|benchmarks)/[\w./-]*)", path.read_text("utf-8")
        ):
            assert (ROOT / name).exists(), (page, name)


def test_every_promise_is_proved_by_a_test_that_exists() -> None:
    rows = [line for line in prose("docs/guarantees.md").splitlines() if re.match(r"\| (?!promise|---)", line)]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", row.split("|")[3])
        assert named, row
        for file, name in named:
            functions = {
                one.name for one in ast.walk(ast.parse((ROOT / file).read_bytes())) if isinstance(one, ast.FunctionDef)
            }
            assert name in functions, f"{file}::{name}"


def test_the_client_properties_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "wonderland")
    monkeypatch.chdir(tmp_path)
    make_certificates(tmp_path / "made").joinpath("ca.pem").replace("ca.pem")
    (block,) = blocks("docs/kafka.md", "properties")
    Path("client.properties").write_text(block.text)
    said: list[str] = []
    assert open_client("client.properties", said.append, lambda _: None).settings["sasl_plain_password"] == "wonderland"
    assert said == []
