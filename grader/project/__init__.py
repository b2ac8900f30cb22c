"""The final project on a student's machine: begin it, check it, hand it in."""
