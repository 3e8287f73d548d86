"""RFM segments of customers on two days, groups and outliers found in the data."""
