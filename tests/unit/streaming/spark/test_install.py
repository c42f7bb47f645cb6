"""Where pyspark is found, and what is said if it, or a jar of it, is missing."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import pyspark
import pytest

from streaming.errors import JavaError
from streaming.spark import install
from streaming.spark.install import find_jar, jars_folder, spark_home


def test_pyspark_is_found_where_it_is_imported_from() -> None:
    assert spark_home() == Path(pyspark.__file__).parent


@pytest.mark.parametrize("name", ["ivy", "spark-mllib_2.13"])
def test_a_jar_is_found_whatever_its_version(name: str) -> None:
    jar = find_jar(name)

    assert jar.parent == jars_folder()
    assert jar.name.startswith(f"{name}-")


def test_a_missing_pyspark_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "find_spec", lambda _: None)

    with pytest.raises(JavaError, match="pyspark is not installed; run 'pip install pyspark=="):
        spark_home()


def test_missing_jars_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("pyspark", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(install, "find_spec", lambda _: spec)

    with pytest.raises(JavaError, match=f"{tmp_path} is a pyspark without Spark's jars"):
        jars_folder()
    (tmp_path / "jars").mkdir()
    with pytest.raises(JavaError, match="has no ivy jar"):
        find_jar("ivy")


def test_a_pyspark_of_another_version_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("pyspark", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(install, "find_spec", lambda _: spec)

    (tmp_path / "version.py").write_text('__version__: str = "3.5.1"\n')
    with pytest.raises(JavaError, match=rf"{tmp_path} is pyspark 3\.5\.1; take it out of PYTHONPATH, or run"):
        spark_home()
    (tmp_path / "version.py").write_text('__version__: str = "4.3.1.dev0"\n')
    assert spark_home() == tmp_path
