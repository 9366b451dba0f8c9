"""Installing, and running a project's own tests, as one cell of the matrix."""
