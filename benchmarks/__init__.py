"""What is claimed to be fast, measured side by side with what a user would do instead, and with the machine's limits.

`python -m benchmarks` runs it. The way of a measurement:

    lines/      one module for each line of the table; it says what is compared, and what is to be reached
    child.py    runs one column of one line in a process of its own
    run.py      takes the columns in turn, several rounds, so that a slow moment meets all of them
    table.py    medians and ratios as a table

How to add a line: write a module in `lines/` with a `LINE` and a function for each of its columns, and name it there.
"""
