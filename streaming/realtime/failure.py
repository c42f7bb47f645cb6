"""Why a query in real time has failed."""

import time
from typing import TYPE_CHECKING, Any

from streaming.java_errors import TaskFailedError, java_causes
from streaming.spark.metrics import failure

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

#: What a task says after the one it is connected to has failed.
_LOST_PARTNER = "streaming shuffle"
_PATIENCE_SECONDS, _PAUSE_SECONDS = 5.0, 0.05


def first_failure(spark: "SparkSession", query: "StreamingQuery") -> Exception | None:
    """Return what a query has failed with, None if it runs or has ended well.

    All tasks run at once. If one fails, those that it is connected to fail as well, and Spark gives the error of the
    task that it hears of first. The error of the other one may come a little later.
    """
    error = failure(query)
    if error is None or not any(_LOST_PARTNER in cause.text for cause in java_causes(error)):
        return error
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        own = [text for text in _task_failures(spark) if _LOST_PARTNER not in text and "Stage cancelled" not in text]
        if own:
            return TaskFailedError(own[0])
        time.sleep(_PAUSE_SECONDS)
    return error


def _task_failures(session: "SparkSession") -> list[str]:
    """Return why tasks have failed, those of the last stages first: the text and the stack of each error."""
    store = session.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark has no other way
    jvm: Any = session.sparkContext._jvm  # noqa: SLF001  # as above
    gateway: Any = session.sparkContext._gateway  # noqa: SLF001  # as above
    stages = store.stageList(
        None, False, False, gateway.new_array(jvm.double, 0), jvm.java.util.ArrayList()
    )  # Java's call
    errors = []
    for stage in (stages.apply(index) for index in range(stages.size())):
        tasks = store.taskList(stage.stageId(), stage.attemptId(), stage.numTasks())
        errors += [tasks.apply(index).errorMessage() for index in range(tasks.size())]
    return [str(error.get()) for error in errors if error.isDefined()]
