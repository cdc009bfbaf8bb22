# status: memory-limit
import zlib
packed = zlib.compress(bytes(64 << 20))
kept = zlib.decompress(packed, bufsize=1 << 40)
