"""The definitions page once more, in numpy and whole numbers: what every answer has to be.

Written from the definitions, not from the engine, for the random company of
`tests.random_company`.
"""
