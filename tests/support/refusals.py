"""What every refusal looks like: one line on standard error that names the thing, the value and what to do."""

from subprocess import CompletedProcess

FAILED, WRONG_USAGE = 1, 2


def assert_refused(result: CompletedProcess[str], *parts: object, status: int = WRONG_USAGE) -> None:
    """Assert that a command ended with ``status``, printed nothing, and wrote one line that holds all ``parts``."""
    assert result.stderr.count("\n") == 1, result.stderr
    for part in parts:
        assert str(part) in result.stderr
    assert "Traceback" not in result.stderr
    assert (result.returncode, result.stdout) == (status, ""), result.stderr
