"""What the consumers of Kafka in this JVM have read, and what waits for them."""

import math
from typing import TYPE_CHECKING, Any

from streaming.query.auto.pace import Look

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BEANS = "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=*,topic=*,*"


class Consumers:
    """The consumers of a query that is about to start, by the metrics of Kafka's client.

    Spark itself tells of a query in real time only at its checkpoints how far it has read. The lag of a consumer is
    exact at each poll: the offsets from its position to the end of what is committed.

    Args:
        spark: the session of the query, whose tasks run in the JVM of the session.
    """

    def __init__(self, spark: "SparkSession") -> None:
        context: Any = spark.sparkContext
        self._java = context._jvm  # noqa: SLF001  # pyspark has no other way
        # py4j finds no method of the server itself, whose class is one of Java's own; it finds those of the interface.
        interface = self._java.java.lang.Class.forName("javax.management.MBeanServer")
        self._query = next(method for method in interface.getMethods() if method.getName() == "queryNames")
        self._server = self._java.java.lang.management.ManagementFactory.getPlatformMBeanServer()
        self._arguments = context._gateway.new_array(self._java.java.lang.Object, 2)  # noqa: SLF001  # as above
        self._arguments[0] = self._java.javax.management.ObjectName(_BEANS)
        self._known = ""  #: the names of all metrics at the last look
        self._read: list[Any] = []
        self._waiting: list[Any] = []
        # Spark keeps the consumers of a query that has ended for five minutes.
        self._former = {name.toString() for name in self._names()}

    def look(self) -> Look:
        """Return what the consumers have read since they began, and what waits for them."""
        names = self._names()
        if (known := names.toString()) != self._known:
            self._known = known
            self._find([name for name in names if name.toString() not in self._former])
        return Look(sum(map(_value, self._read)), sum(map(_value, self._waiting)))

    def _names(self) -> Any:
        return self._query.invoke(self._server, self._arguments)

    def _find(self, names: list[Any]) -> None:
        """Find the metrics: those of a partition have what waits, those of a topic what was read."""
        gauge = self._java.com.codahale.metrics.jvm.JmxAttributeGauge
        partitions = [name for name in names if name.getKeyProperty("partition") is not None]
        self._waiting = [gauge(name, "records-lag") for name in partitions]
        self._read = [gauge(name, "records-consumed-total") for name in names if name not in partitions]


def _value(gauge: Any) -> int:
    """Return a metric, 0 where there is none yet, or no consumer any more."""
    value = gauge.getValue()
    return 0 if value is None or math.isnan(value) else int(value)
