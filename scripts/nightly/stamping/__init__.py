"""The version of a nightly, given to a source before it is built."""
