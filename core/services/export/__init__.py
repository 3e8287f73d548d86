"""Exports: the same answer as a workbook, as CSV for people, as CSV and JSON for programs.

`workbook` writes workbooks, `text` CSV for people, `machine` JSON and CSV for programs,
`quarantine` the rows that were set aside; `context` says what stands beside the numbers. Programs'
forms load nothing but the result itself, so that a question on the command line starts quickly.
"""
