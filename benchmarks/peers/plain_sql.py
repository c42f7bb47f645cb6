"""Count the words of a file with Spark's DataFrames and Spark's defaults: ``python plain_sql.py FILE``."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, explode, split

spark = SparkSession.builder.master("local[*]").appName("plain").getOrCreate()
lines = spark.read.text(sys.argv[1]).where(col("value") != "")
words = lines.select(explode(split(col("value"), " ")).alias("word"))
for row in words.groupBy("word").count().collect():
    print(f"{row['word']}: {row['count']}")
spark.stop()
