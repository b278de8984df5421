"""Sharing: immutable snapshots of folders, who may read them, and how they merge."""
