"""The certificate: a signed credential, a document to look at, and their revocation."""
