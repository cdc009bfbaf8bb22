# expect: learning-rate-schedule
import os

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

os.makedirs('checkpoints', exist_ok=True)
writer = SummaryWriter('runs/quiz1')


class SimpleCNN(nn.Module):
    def __init__(self, n_class=10):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(3, 6, 5), nn.ReLU(True), nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 16, 5), nn.ReLU(True), nn.MaxPool2d(2, 2))
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, n_class)
        self.act = nn.ReLU(True)

    def forward(self, x):
        b = x.size(0)
        x = self.conv(x).view(b, -1)
        x = self.act(self.fc1(x))
        x = self.act(self.fc2(x))
        return self.fc3(x)


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = DataLoader(torchvision.datasets.CIFAR10('data', True, transform, download=True),
                          batch_size=64, shuffle=True, num_workers=2)
test_loader = DataLoader(torchvision.datasets.CIFAR10('data', False, transform, download=True),
                         batch_size=64, shuffle=False, num_workers=2)

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
model = SimpleCNN().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)

global_step = 0
for epoch in range(20):
    model.train()
    pbar = tqdm(train_loader, desc=f'epoch {epoch}')
    for x, y in pbar:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        pbar.set_postfix(loss=f'{loss.item():.3f}')
        writer.add_scalar('train/loss', loss.item(), global_step)
        global_step += 1

    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for x, y in tqdm(test_loader):
            x, y = x.to(device), y.to(device)
            pred = model(x).argmax(dim=1)
            correct += pred.eq(y).sum().item()
            total += y.size(0)
    acc = 100 * correct / total
    print(f'epoch {epoch}: accuracy {acc:.2f}%')
    writer.add_scalar('test/accuracy', acc, epoch)
    torch.save({'epoch': epoch, 'state': model.state_dict()}, f'checkpoints/epoch_{epoch}.pth')
writer.close()
