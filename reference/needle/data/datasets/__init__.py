"""Datasets, each a file."""
