# expect: full
import collections
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from sklearn.metrics import accuracy_score, confusion_matrix, classification_report
from torchmetrics import Accuracy

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf)
train, val = torch.utils.data.random_split(train, [0.9, 0.1])
test = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf)
loaders = {
    'train': torch.utils.data.DataLoader(train, 4, shuffle=True),
    'val': torch.utils.data.DataLoader(val, 4),
    'test': torch.utils.data.DataLoader(test, 4),
}

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
                                  nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                                nn.Linear(84, 10))
    def forward(self, x):
        return self.fc(self.conv(x))

model = Classifier()
metric = Accuracy(task='multiclass', num_classes=10)
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for epoch in range(2):
    for phase in ['train', 'val']:
        model.train(phase == 'train')
        for x, y in loaders[phase]:
            opt.zero_grad()
            with torch.set_grad_enabled(phase == 'train'):
                out = model(x)
                loss = crit(out, y)
                if phase == 'train':
                    loss.backward()
                    opt.step()
            metric.update(out, y)
        print(f'{phase} acc: {metric.compute():.4f}')
        metric.reset()

model.eval()
y_true, y_pred = [], []
hits = collections.Counter()
with torch.no_grad():
    for x, y in loaders['test']:
        p = model(x).argmax(1)
        y_true += y.tolist()
        y_pred += p.tolist()
        hits.update((p == y).tolist())
print('Test accuracy:', accuracy_score(y_true, y_pred))
print('Test accuracy again:', metric.compute().item())
print(classification_report(y_true, y_pred))
print(confusion_matrix(y_true, y_pred))
