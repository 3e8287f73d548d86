"""The vocabulary: stored tables, business schema, metric catalogue, queries, results."""
