"""What `python3 scripts bench` measures: this action and anaconda-client as whole processes, in turns."""
