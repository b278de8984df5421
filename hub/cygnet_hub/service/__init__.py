"""What the command does: start, watch, stop, report."""
