"""What both spawners share: the form, its errors, and what a server inherits."""
