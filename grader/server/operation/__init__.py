"""What keeps a server running: health, metrics, logs, backups."""
