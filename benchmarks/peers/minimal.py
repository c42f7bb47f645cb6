"""Print the most frequent word of a file with as little Spark as can be: ``python minimal.py FILE``."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, desc, explode, split

spark = SparkSession.builder.master("local[*]").getOrCreate()
lines = spark.read.text(sys.argv[1]).where(col("value") != "")
counts = lines.select(explode(split(col("value"), " ")).alias("word")).groupBy("word").count()
for row in counts.orderBy(desc("count"), "word").limit(1).collect():
    print(f"{row['word']}: {row['count']}")
