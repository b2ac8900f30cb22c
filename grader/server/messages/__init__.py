"""The bodies of requests and replies, as OpenAPI describes them: one module a subject."""
