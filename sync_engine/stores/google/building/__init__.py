"""A workbook file as a Google spreadsheet: the one that the declarations build, or one that a shop already works in.

The file is the source, so that both worlds show the same sheets, and so that moving a shop takes along what people made
themselves. `sheets` says what there is, `cells` what stands in it, `rules` what may be typed, `charts` draws.
"""
