"""Reads every member of a corpus with Python's gzip, and says how many there are."""

import gzip
import sys
import zlib


def parts(corpus):
    while length := corpus.read(4):
        yield corpus.read(int.from_bytes(length, "little"))


count = 0
with open(sys.argv[1], "rb") as corpus:
    each = parts(corpus)
    for source, member in zip(each, each):
        assert gzip.decompress(member) == source, len(source)
        strict = zlib.decompressobj(wbits=31)
        assert strict.decompress(member) == source and strict.eof and not strict.unused_data, len(source)
        count += 1
print(count)
