"""The programs are broken on purpose, and each line must count once, or a warning say what may be missing.

``make chaos ROUNDS=500 SEED=1`` runs as many rounds as asked; the page on development says what each file does.

``test_rounds.py`` is a random driver of the follower, held against a model that knows what each log had; the test suite
runs a thousand rounds, always the same. A round is one run of its machine: logs are written, rotated, compressed, cut,
replaced and deleted, while the follower polls, stops and crashes, and the clock is set. ``written_logs.py`` and
``rotated_logs.py`` do to logs what happens to them, ``expected.py`` knows what must be counted, and ``crashing.py`` is
the follower.

If a round fails, its steps are printed, as few as show the fault. On a disk, the inodes of deleted files are given to
new ones, so that a fault may not show in each run of the same steps; Hypothesis then calls it flaky.
"""
