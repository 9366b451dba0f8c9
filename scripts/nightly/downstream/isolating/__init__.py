"""Which nightly a failure is of: runs that put one back at a time, and what they prove."""
