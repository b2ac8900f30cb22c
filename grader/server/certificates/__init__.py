"""Certificates: who has earned one, how it is signed and drawn, and which are revoked."""
