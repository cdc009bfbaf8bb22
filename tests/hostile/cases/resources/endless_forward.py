# status: time-limit phase=construct
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3072, 10)
    def forward(self, x):
        while True:
            x = x + 0
net = Net()
