"""Count the words of a file with Polars: ``python polars_count.py FILE``."""

import sys

import polars as pl

# With no quotes, and a separator that no text has, a row of a CSV file is a line.
lines = pl.scan_csv(
    sys.argv[1],
    has_header=False,
    separator="\x01",
    quote_char=None,
    schema={"line": pl.String},
    truncate_ragged_lines=True,
)
counts = (
    lines.filter(pl.col("line") != "")
    .select(pl.col("line").str.split(" ").explode().alias("word"))
    .group_by("word")
    .len()
    .collect(engine="streaming")
)
sys.stdout.write("".join(f"{word}: {count}\n" for word, count in counts.iter_rows()))
