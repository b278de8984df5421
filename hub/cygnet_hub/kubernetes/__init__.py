"""Kubernetes: the chart's settings, form and offers, and servers that are pods."""
