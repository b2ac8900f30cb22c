"""The commands, one module a subject: each adds its own to the command line and carries them out."""
