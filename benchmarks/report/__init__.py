"""The table in README.md, and the page with plots in docs/."""
