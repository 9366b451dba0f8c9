"""What `python3 scripts bench` measures: this action and what it takes the place of, as processes, in turns."""
