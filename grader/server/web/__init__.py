"""What speaks HTTP: addresses, bodies, the page, and how an error becomes a reply."""
