"""What course.yaml and assignment.yaml say."""
