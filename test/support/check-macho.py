"""check-macho.py EXECUTABLE [NODE]: prints as JSON what an independent reader (LIEF) and the digests of pages say of an executable for
macOS, and whether it is as NODE, the Node.js into which something was written, where nothing was written."""
import hashlib
import json
import struct
import sys

import lief


def signature_of(binary, raw):
    """A super blob with a code directory: cs_blobs.h of xnu. The digest of each page of code is compared with the one that is signed."""
    command = binary.code_signature
    at, size = command.data_offset, command.data_size
    magic, length, count = struct.unpack_from(">3I", raw, at)
    assert magic == 0xFADE0CC0, "no embedded signature"
    index = [struct.unpack_from(">2I", raw, at + 12 + 8 * i) for i in range(count)]
    # Apple's own signatures have an older directory besides, with SHA-1.
    found = [at + offset for slot, offset in index if slot == 0 or slot >= 0x1000]
    directory = [each for each in found if raw[each + 37] == 2][-1]
    magic, _, version, flags, hashes, name, special, slots, limit = struct.unpack_from(">9I", raw, directory)
    assert magic == 0xFADE0C02, "no code directory"
    hash_size, _, _, page_bits = raw[directory + 36 : directory + 40]
    pages = [raw[start : min(start + (1 << page_bits), limit)] for start in range(0, limit, 1 << page_bits)]
    bad = [
        number
        for number, page in enumerate(pages)
        if hashlib.sha256(page).digest()
        != raw[directory + hashes + hash_size * number : directory + hashes + hash_size * (number + 1)]
    ]
    text = binary.get_segment("__TEXT")
    base, text_size, kind = struct.unpack_from(">3Q", raw, directory + 64)
    linkedit = binary.get_segment("__LINKEDIT")
    return {
        "identifier": raw[directory + name : raw.index(b"\0", directory + name)].decode(),
        "adHoc": bool(flags & 2),
        "hardened": bool(flags & 0x10000),
        "coversAllPages": slots == len(pages) and limit == at,
        "badPages": len(bad),
        "isMainExecutable": (base, text_size, kind & 1) == (text.file_offset, text.file_size, 1),
        "endsTheFile": at + size == len(raw) == linkedit.file_offset + linkedit.file_size,
        "fitsItsPlace": at % 16 == 0 and length <= size,
    }


def overlaps(binary):
    """What the kernel refuses to load: segments that overlap, in the file or in memory, or do not begin with a page."""
    segments = [s for s in binary.segments if s.virtual_size]
    pairs = list(zip(segments, segments[1:]))
    return [
        b.name
        for a, b in pairs
        if a.virtual_address + a.virtual_size > b.virtual_address
        or a.file_offset + a.file_size > b.file_offset
        or b.virtual_size < b.file_size
        or (b.virtual_address | b.file_offset) % 0x1000
    ]


def bindings(binary):
    return [(one.symbol.name, one.address, one.weak_import) for one in binary.dyld_chained_fixups.bindings]


def exports(binary):
    return sorted((one.symbol.name, one.address) for one in binary.dyld_exports_trie.exports if one.symbol)


def compared(ours, our_raw, theirs, their_raw):
    changed = {}
    for name in ("__TEXT", "__DATA_CONST", "__DATA"):
        a, b = ours.get_segment(name), theirs.get_segment(name)
        assert (a.virtual_address, a.file_offset, a.file_size) == (b.virtual_address, b.file_offset, b.file_size), name
        skipped = 4096 if name == "__TEXT" else 0
        start, end = a.file_offset + skipped, a.file_offset + a.file_size
        one, other = our_raw[start:end], their_raw[start:end]
        changed[name] = 0 if one == other else sum(x != y for x, y in zip(one, other))
    return {
        "changedBytes": changed,
        "sameBindings": bindings(ours) == bindings(theirs),
        "sameExports": exports(ours) == exports(theirs),
        "signatureOfNode": signature_of(theirs, their_raw),
    }


def read(path):
    with open(path, "rb") as file:
        return lief.MachO.parse(path).at(0), file.read()


binary, raw = read(sys.argv[1])
sea = binary.get_segment("NODE_SEA")
section = sea.get_section("__NODE_SEA_BLOB")
blob = raw[section.offset : section.offset + section.size]
result = {
    "cpu": binary.header.cpu_type.name,
    "segments": [s.name for s in binary.segments],
    "overlapping": overlaps(binary),
    "blob": hashlib.sha256(blob).hexdigest(),
    "signature": signature_of(binary, raw),
}
if len(sys.argv) > 2:
    result.update(compared(binary, raw, *read(sys.argv[2])))
print(json.dumps(result))
