"""A channel that is a static index in a directory: for GitHub Pages, an object store, a laptop."""
