"""Docker's files, without an engine: the image has fixed dependencies, and Compose needs no folder of this machine."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.support.pages import ROOT

_COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")


def test_each_dependency_has_a_version_in_the_image_that_the_project_permits() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    fixed = dict(line.lower().split("==") for line in lines if not line.startswith("#"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [Requirement(text) for text in project["dependencies"]]

    assert [need.name for need in needed if not need.specifier.contains(fixed.get(need.name.lower(), "0"))] == []


def test_compose_has_no_version_which_compose_2_warns_of() -> None:
    assert re.findall(r"^version", _COMPOSE, re.MULTILINE) == []


def test_compose_mounts_no_folder_of_this_machine() -> None:
    mounted = re.findall(r"^ +- ([^\s:]+):/", _COMPOSE, re.MULTILINE)

    assert len(mounted) > 4
    assert [source for source in mounted if not re.fullmatch(r"[\w-]+", source)] == []
