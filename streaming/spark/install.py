"""Where pyspark is installed, found without importing it: the import takes 0.2 s."""

from importlib.util import find_spec
from pathlib import Path

from streaming.errors import JavaError

_INSTALL = "run 'pip install pyspark==4.2.0'"


def spark_home() -> Path:
    """Return the folder of the Python package pyspark, which Spark takes for its home.

    Raises:
        JavaError: pyspark is not installed.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise JavaError(f"the Python package pyspark is not installed; {_INSTALL}")
    return Path(spec.origin).parent


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
