"""The hub's pages: handlers, templates, headers."""
