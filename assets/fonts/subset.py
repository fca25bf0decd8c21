"""Makes the two font files of the studio from the released Inter OTFs (needs fonttools).

    python subset.py DIRECTORY_WITH_INTER_OTFS

Keeps Latin, Greek letters, arrows, key symbols and the signs that figures need, and makes the tabular digits (OpenType feature
`tnum`) the ones that a plain digit maps to, because egui applies no optional OpenType features: columns of figures then line up.
"""

import sys
from pathlib import Path

from fontTools import subset, ttLib

KEPT = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2DD), (0x391, 0x3C9), (0x2000, 0x200B),
    (0x2010, 0x2027), (0x202F, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x2044, 0x2044), (0x2070, 0x209C), (0x20AC, 0x20AC),
    (0x2116, 0x2116), (0x2122, 0x2122), (0x2126, 0x2126), (0x2190, 0x2199), (0x21B5, 0x21B5), (0x21E5, 0x21E7),
    (0x2202, 0x2202), (0x2206, 0x2206), (0x2211, 0x2212), (0x221A, 0x221E), (0x2248, 0x2248), (0x2260, 0x2265),
    (0x2303, 0x2303), (0x2318, 0x2318), (0x2325, 0x2325), (0x232B, 0x232B), (0x238B, 0x238B),
    (0x25A0, 0x25A1), (0x25B2, 0x25C6), (0x25CB, 0x25CF), (0x2713, 0x2713),
]  # fmt: skip


def tabular(font):
    mapping = {}
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for part in table.LookupList.Lookup[index].SubTable:
                    mapping.update(getattr(getattr(part, "ExtSubTable", part), "mapping", {}))
    return mapping


for weight in ("Regular", "SemiBold"):
    font = ttLib.TTFont(Path(sys.argv[1]) / f"Inter-{weight}.otf")
    mapping = tabular(font)
    for table in font["cmap"].tables:
        if table.isUnicode():
            for code in map(ord, "0123456789+\u2212="):
                table.cmap[code] = mapping.get(table.cmap.get(code), table.cmap.get(code))
    width = font["hmtx"][font.getBestCmap()[ord("0")]][0]
    for code in map(ord, "0123456789"):
        name = font.getBestCmap()[code]
        font["hmtx"][name] = (width, font["hmtx"][name][1])
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={code for a, b in KEPT for code in range(a, b + 1)})
    subsetter.subset(font)
    font.save(Path(__file__).parent / f"Inter-{weight}-subset.otf")
