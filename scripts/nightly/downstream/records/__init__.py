"""What one job of the workflow hands to the next, and one week to another."""
