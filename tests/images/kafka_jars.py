"""Fetch Kafka's jars into the folder that is named, as the broker of the tests is fetched."""

import os
import sys
from pathlib import Path

from streaming.spark.java import find_java
from streaming.spark.maven import fetch
from tests.support.broker_settings import jars

if __name__ == "__main__":
    fetch(find_java(os.environ), jars(), Path(sys.argv[1]))
