"""Whether what is installed is what was planned, and from where."""
