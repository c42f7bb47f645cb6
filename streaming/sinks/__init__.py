"""Where counts go."""
