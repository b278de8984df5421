"""One step a file; `scripts/write_migration.py` writes a new one."""
