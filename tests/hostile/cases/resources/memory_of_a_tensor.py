# status: memory-limit
import torch
kept = torch.ones(1 << 31)
