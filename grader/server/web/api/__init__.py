"""The JSON API: one router a subject."""
