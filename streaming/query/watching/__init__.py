"""Those who watch a stream while it runs: the live view on the terminal, and the page."""
