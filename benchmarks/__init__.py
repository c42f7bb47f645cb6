"""Compare wordcount with other programs: ``python -m benchmarks``. README.md explains each row."""
