# expect: full
import torch
import torch.nn as nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(1337)
batch_size = 32
max_epochs = 3
learning_rate = 1e-3
device = 'cuda' if torch.cuda.is_available() else 'cpu'


class ConvModel(nn.Module):

    def __init__(self):
        super().__init__()
        self.conv_layers = nn.ModuleDict({
            'first': nn.Conv2d(3, 6, 5),
            'second': nn.Conv2d(6, 16, 5),
        })
        self.fc_layers = nn.ModuleDict({
            'first': nn.Linear(400, 120),
            'second': nn.Linear(120, 84),
            'last': nn.Linear(84, 10),
        })

    def forward(self, x, targets=None):
        x = F.max_pool2d(F.relu(self.conv_layers['first'](x)), 2)
        x = F.max_pool2d(F.relu(self.conv_layers['second'](x)), 2)
        x = x.view(x.shape[0], -1)
        x = F.relu(self.fc_layers['first'](x))
        x = F.relu(self.fc_layers['second'](x))
        logits = self.fc_layers['last'](x)
        if targets is None:
            loss = None
        else:
            loss = F.cross_entropy(logits, targets)
        return logits, loss


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_data = datasets.CIFAR10('data', train=True, download=True, transform=transform)
test_data = datasets.CIFAR10('data', train=False, download=True, transform=transform)
train_loader = DataLoader(train_data, batch_size=batch_size, shuffle=True)
test_loader = DataLoader(test_data, batch_size=batch_size)

model = ConvModel().to(device)
print(sum(p.numel() for p in model.parameters()) / 1e3, 'K parameters')
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)

for epoch in range(max_epochs):
    for xb, yb in train_loader:
        xb, yb = xb.to(device), yb.to(device)
        logits, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    print(f'epoch {epoch}: loss {loss.item():.4f}')


@torch.no_grad()
def test_accuracy():
    model.eval()
    correct = total = 0
    for xb, yb in test_loader:
        logits, _ = model(xb.to(device))
        correct += (logits.argmax(-1).cpu() == yb).sum().item()
        total += len(yb)
    return correct / total


print(f'test accuracy {test_accuracy():.4f}')
