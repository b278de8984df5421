"""The hub's pages: handlers, templates, what browsers are told of them."""
