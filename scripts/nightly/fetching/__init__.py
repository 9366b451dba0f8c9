"""Getting the files of a release from an index, a channel or a run."""
