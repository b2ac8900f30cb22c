"""Who may draw what and when, and what an answer earns: pure functions that know no database and no HTTP."""
