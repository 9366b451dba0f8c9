"""What `build` does, a module for each mode."""
