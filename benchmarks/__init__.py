"""Measure wordcount beside what it is compared with: ``python -m benchmarks``; README.md here explains each row."""
