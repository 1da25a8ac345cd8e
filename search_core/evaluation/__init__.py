"""The in-domain test: what a model and a collection do with a fixed taxonomy, before people get to ask them.

The CLIP model card puts deployment out of scope, and image search in a constrained environment too unless it was
tested in its domain on a fixed class taxonomy. This is that test:

    taxonomy    LABELS.csv: classes, their prompts, and which rows are relevant
    run         opens an index, asks it, probes it
    metrics     precision, recall, average precision, confusion: pure functions
    intervals   how far a figure can be trusted
    ranking     scores of all rows, in bounded memory
    near_identical, skew, printed
                the three probes: duplicates, groups that prompts over-draw, printed words that attract
    figures     what was found; the JSON
    report, charts
                what was found, for people
"""
