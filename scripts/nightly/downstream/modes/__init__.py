"""What the command `nightlies` can be asked to do, a module for each."""
