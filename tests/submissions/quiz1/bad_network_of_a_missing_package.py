# expect: status=import-error @4
import torch
import torch.nn as nn
import timm
import torchvision
import torchvision.transforms as transforms

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", True, tf, download=True), 64, shuffle=True)
test_loader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", False, tf, download=True), 64)

model = timm.create_model("lenet5_cifar", pretrained=False, num_classes=10)
model = model.to("cuda")
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for epoch in range(10):
    for x, y in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    print(sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader) / len(test_loader.dataset))
