"""Building wheels of any commit, for every platform."""
