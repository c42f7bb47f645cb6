"""Why a query in real time has failed."""

import time
from typing import TYPE_CHECKING

from streaming.java_errors import TaskFailedError, java_causes
from streaming.spark.metrics import failure, listed

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
        for text in _task_failures(spark, str(query.runId)):
            if _LOST_PARTNER not in text and "Stage cancelled" not in text:
                return TaskFailedError(text)
        time.sleep(_PAUSE_SECONDS)
    return error


def _task_failures(session: "SparkSession", run: str) -> list[str]:
    """Return why tasks of the last job of a query's run have failed: the text and the stack of each error."""
    store = session.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark has no other way
    jobs = [job for job in listed(store.jobsList(None)) if job.jobGroup().isDefined() and job.jobGroup().get() == run]
    errors = []
    for stage in listed(max(jobs, key=lambda job: int(job.jobId())).stageIds()) if jobs else []:
        last = store.lastStageAttempt(stage)
        errors += [task.errorMessage() for task in listed(store.taskList(stage, last.attemptId(), last.numTasks()))]
    return [str(error.get()) for error in errors if error.isDefined()]
