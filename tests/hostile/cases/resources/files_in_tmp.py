# status: disk-limit bubblewrap=disk-limit
import tempfile
kept = []
while True:
    kept.append(tempfile.mkstemp())
    with open(kept[-1][1], "wb") as file:
        file.write(bytes(8 << 20))
