"""The pages: one router a subject, HTML from the templates beside."""
