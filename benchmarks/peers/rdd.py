"""Count the words of a file with Spark's RDDs, as Spark's first tutorials do: ``python rdd.py FILE``."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[*]").appName("rdd").getOrCreate()
counts = (
    spark.sparkContext.textFile(sys.argv[1])
    .filter(lambda line: len(line) > 0)
    .flatMap(lambda line: line.split(" "))
    .map(lambda word: (word, 1))
    .reduceByKey(lambda one, other: one + other)
)
for word, count in counts.collect():
    print(f"{word}: {count}")
spark.stop()
