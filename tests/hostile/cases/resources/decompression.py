# status: memory-limit
import zlib
packed = zlib.compress(bytes(64 << 20))
kept = [zlib.decompress(packed) for _ in range(1000)]
