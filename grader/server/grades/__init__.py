"""Attempts and what they earn: drawing, scoring, publishing, the policy and what people are shown of it."""
