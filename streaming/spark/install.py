"""Where pyspark is installed, found without importing it: the import takes 0.2 s."""

import re
from importlib.util import find_spec
from pathlib import Path

from streaming.errors import JavaError

_INSTALL = "run 'pip install pyspark==4.3.0'"
_VERSION = "4.3"  # the layout of the checkpoint, and pyspark's inner names that are used, are of this version


def spark_home() -> Path:
    """Return the folder of the Python package pyspark, which Spark takes for its home.

    Raises:
        JavaError: pyspark is not installed, or in another version, as where PYTHONPATH names another Spark.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise JavaError(f"the Python package pyspark is not installed; {_INSTALL}")
    folder = Path(spec.origin).parent
    try:
        found = re.search(r'__version__.*"([\w.]+)"', (folder / "version.py").read_text("utf-8"))
    except OSError:
        found = None
    if found is not None and not found[1].startswith(f"{_VERSION}."):
        raise JavaError(f"{folder} is pyspark {found[1]}; take it out of PYTHONPATH, or {_INSTALL}")
    return folder


def jars_folder() -> Path:
    """Return the folder of Spark's jars.

    Raises:
        JavaError: pyspark is not installed, or has no jars, as the package pyspark-client has none.
    """
    folder = spark_home() / "jars"
    if not folder.is_dir():
        raise JavaError(f"{folder.parent} is a pyspark without Spark's jars; {_INSTALL}")
    return folder


def find_jar(name: str) -> Path:
    """Return the jar of an artifact that comes with pyspark, whatever its version.

    Args:
        name: the artifact's name, as ``ivy`` or ``spark-mllib_2.13``.

    Raises:
        JavaError: pyspark is not installed, or lacks the jar.
    """
    jars = sorted(jars_folder().glob(f"{name}-[0-9]*.jar"))
    if not jars:
        raise JavaError(f"{jars_folder()} has no {name} jar; {_INSTALL}")
    return jars[0]
