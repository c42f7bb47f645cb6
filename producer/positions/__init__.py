"""How far each file was read."""
