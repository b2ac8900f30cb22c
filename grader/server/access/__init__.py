"""Who may do what: people, their keys, sessions in a browser, limits, and the record of what was done."""
