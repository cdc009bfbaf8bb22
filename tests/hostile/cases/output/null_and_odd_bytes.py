# status: graded then=right
import os
os.write(1, bytes(range(256)) * 4)
print("\0\ufffe\ud7ff")
