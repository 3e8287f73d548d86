"""Everything known about a product, a customer, a supplier or a country."""
