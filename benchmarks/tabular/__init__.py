"""A table of every distinct cell of NAS-Bench-201 on the task ``digits``.

``make`` trains the cells and can be stopped and repeated, ``finish`` writes the table
that ships with XNAS and its data card, ``verify`` trains some cells anew.
"""
