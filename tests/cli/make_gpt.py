#!/usr/bin/python3
"""usage: make_gpt.py IMAGE BLOCK_BYTES: writes a protective MBR and a GUID partition table with one partition (UEFI 2.9 §5.3) to an image."""

import os
import struct
import sys
import zlib

path, block = sys.argv[1], int(sys.argv[2])
blocks = os.path.getsize(path) // block
entry = struct.pack("<16s16sQQQ72s", b"\x01" * 16, b"\x02" * 16, 40, 50, 0, "x".encode("utf-16-le"))
entries = entry.ljust(128 * 128, b"\0")


def header(crc):
    return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, crc, 0, 1, blocks - 1, 34, blocks - 34, b"\x03" * 16, 2, 128, 128,
                       zlib.crc32(entries))


mbr = bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, blocks - 1) + bytes(48) + b"\x55\xaa"
with open(path, "r+b") as image:
    image.write(mbr)
    image.seek(block)
    image.write(header(zlib.crc32(header(0))))
    image.seek(2 * block)
    image.write(entries)
