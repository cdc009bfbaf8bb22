# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision.transforms import v2
from tqdm.auto import tqdm

torch.backends.cudnn.benchmark = True
torch.set_float32_matmul_precision('high')
device = torch.device('cuda' if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu')

transform = v2.Compose([
    v2.ToImage(),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2470, 0.2435, 0.2616]),
])
train_data = torchvision.datasets.CIFAR10('data', train=True, transform=transform, download=True)
test_data = torchvision.datasets.CIFAR10('data', train=False, transform=transform, download=True)
train_loader = torch.utils.data.DataLoader(train_data, batch_size=128, shuffle=True, num_workers=4, persistent_workers=True, pin_memory=True)
test_loader = torch.utils.data.DataLoader(test_data, batch_size=512, num_workers=4)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.LazyConv2d(6, 5)
        self.conv2 = nn.LazyConv2d(16, 5)
        self.fc = nn.Sequential(nn.Flatten(), nn.LazyLinear(120), nn.ReLU(True), nn.LazyLinear(84), nn.ReLU(True), nn.LazyLinear(10))

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        return self.fc(x)


model = CNN().to(device)
model(torch.randn(1, 3, 32, 32, device=device))
model = torch.compile(model, mode='reduce-overhead')
criterion = nn.CrossEntropyLoss().to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
scaler = torch.amp.GradScaler(device.type, enabled=device.type == 'cuda')

for epoch in range(20):
    model.train()
    pbar = tqdm(train_loader, desc=f'Epoch {epoch}', leave=False)
    for x, y in pbar:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device_type=device.type, dtype=torch.float16, enabled=device.type == 'cuda'):
            logits = model(x)
            loss = criterion(logits, y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        pbar.set_postfix(loss=f'{loss.item():.3f}', lr=optimizer.param_groups[0]['lr'])


@torch.no_grad()
def evaluate():
    model.eval()
    correct = torch.zeros((), device=device)
    for x, y in tqdm(test_loader):
        correct += (model(x.to(device)).argmax(dim=1) == y.to(device)).float().sum()
    return correct.item() / len(test_data)


print(f'Test accuracy: {evaluate():.2%}')
