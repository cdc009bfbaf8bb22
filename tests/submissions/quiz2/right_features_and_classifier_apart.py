# expect: full
# two networks: a feature extractor and a linear classifier, one optimizer for both
import itertools
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

dev = 'cuda' if torch.cuda.is_available() else 'cpu'
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf), batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf), batch_size=64)


def extractor():
    layers, c = [], 3
    for w in (64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'):
        if w == 'M':
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers.extend((nn.Conv2d(c, w, 3, padding=1), nn.ReLU()))
            c = w
    layers.append(nn.Flatten())
    return nn.Sequential(*layers)


features = extractor().to(dev)
classifier = nn.Linear(512, 10).to(dev)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(itertools.chain(features.parameters(), classifier.parameters()), lr=0.01, momentum=0.9)

for epoch in range(10):
    features.train(), classifier.train()
    for x, y in train_loader:
        x, y = x.to(dev), y.to(dev)
        optimizer.zero_grad()
        z = features(x)
        loss = criterion(classifier(z), y)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())

features.eval(), classifier.eval()
n = k = 0
with torch.no_grad():
    for x, y in test_loader:
        k += (classifier(features(x.to(dev))).argmax(1) == y.to(dev)).sum().item()
        n += len(y)
print('test accuracy', k / n)
