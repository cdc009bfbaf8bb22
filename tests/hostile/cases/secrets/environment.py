# status: graded then=right
import os
print(dict(os.environ))
