"""How lines become counts: pure functions from DataFrame to DataFrame."""
