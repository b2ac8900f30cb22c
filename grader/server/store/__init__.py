"""What a server keeps: tables in a database, and files beside it."""
