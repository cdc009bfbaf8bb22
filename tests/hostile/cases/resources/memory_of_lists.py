# status: memory-limit phase=import
kept = []
while True:
    kept.append(bytearray(64 << 20))
