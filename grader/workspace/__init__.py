"""A student's folder: find it, bring releases into it without losing work, check the machine."""
