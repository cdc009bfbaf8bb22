# status: graded then=right
found = 0
for line in open("/proc/self/maps"):
    words = line.split()
    if words[1].startswith("rw") and len(words) < 6:
        first, last = (int(one, 16) for one in words[0].split("-"))
        with open("/proc/self/mem", "rb", 0) as memory:
            memory.seek(first)
            try:
                found += memory.read(min(last - first, 8 << 20)).count(bytes(reversed(b"nekot-yranac")))
            except OSError:
                pass
print("BREACH" if found else "nothing")
