"""What customers are worth in the future: purchase histories, models, their check, and tables."""
