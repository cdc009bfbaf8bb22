# status: forward-error
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("<script>alert(1)</script>", torch.nn.Linear(3072, 10))
        self.fc = torch.nn.Linear(3072, 10)
    def forward(self, x):
        raise ValueError("<script>alert(2)</script>\x1b[31m")
Net.__name__ = Net.__qualname__ = "<script>alert(3)</script>"
net = Net()
