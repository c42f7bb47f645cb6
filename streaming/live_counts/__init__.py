"""What a stream has counted, for those who watch it: the terminal and the page."""
