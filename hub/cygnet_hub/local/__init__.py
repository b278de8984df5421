"""One machine: its settings, form and offers, and servers that are processes."""
