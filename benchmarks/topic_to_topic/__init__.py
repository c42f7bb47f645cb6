"""Words from one topic to their counts in another, by this project and by its peers."""
