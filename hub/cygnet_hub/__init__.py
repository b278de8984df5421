"""The embedded service: command line, hub configuration and pages."""
