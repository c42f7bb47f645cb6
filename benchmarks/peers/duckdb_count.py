"""Count the words of a file with DuckDB: ``python duckdb_count.py FILE``."""

import sys

import duckdb

# read_csv is its parallel reader of lines: with no quotes, and a separator that no text has, a row is a line.
counts = duckdb.execute(
    """
    SELECT word, count(*)
    FROM (
        SELECT unnest(string_split(line, ' ')) AS word
        FROM read_csv(?, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,
                      delim = '\x01', quote = '', escape = '', new_line = '\\n')
        WHERE line <> ''
    )
    GROUP BY word
    """,
    [sys.argv[1]],
).fetchall()
sys.stdout.write("".join(f"{word}: {count}\n" for word, count in counts))
