"""The sample pictures: the canvas (plate), the drawings by subject, and the logos."""
