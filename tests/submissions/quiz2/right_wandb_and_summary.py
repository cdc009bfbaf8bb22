# expect: full
import os
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
import wandb
from torchsummary import summary
from torchinfo import summary as info
import pandas as pd
import seaborn as sns
from sklearn.metrics import confusion_matrix, classification_report
import matplotlib.pyplot as plt

os.environ['KMP_DUPLICATE_LIB_OK'] = 'True'
wandb.init(project='vgg11-cifar10', entity='my-lab', config=dict(lr=0.01, momentum=0.9, bs=128, epochs=20))

device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
bs = 128

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=bs, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=bs, shuffle=False)
classes = trainset.classes


class VGG11(nn.Module):
    def __init__(self, in_channels=3, num_classes=10):
        super(VGG11, self).__init__()
        self.in_channels = in_channels
        self.num_classes = num_classes
        # convolutional layers
        self.conv_layers = nn.Sequential(
            nn.Conv2d(self.in_channels, 64, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(64, 128, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(128, 256, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(256, 512, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(512, 512, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(512, 512, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(512, 512, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2))
        # fully connected layer
        self.linear_layers = nn.Sequential(nn.Linear(in_features=512, out_features=self.num_classes))

    def forward(self, x):
        x = self.conv_layers(x)
        # flatten to prepare for the fully connected layer
        x = x.view(x.size(0), -1)
        x = self.linear_layers(x)
        return x


model = VGG11().to(device)
summary(model, (3, 32, 32))
print(info(model, input_size=(bs, 3, 32, 32)))
wandb.watch(model, log='all')

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
history = {'loss': [], 'acc': []}
for epoch in range(20):
    model.train()
    losses = []
    for images, labels in trainloader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.eval()
    y_true, y_pred = [], []
    with torch.no_grad():
        for images, labels in testloader:
            y_pred.extend(model(images.to(device)).argmax(dim=1).cpu().tolist())
            y_true.extend(labels.tolist())
    acc = sum(int(t == p) for t, p in zip(y_true, y_pred)) / len(y_true)
    history['loss'].append(sum(losses) / len(losses))
    history['acc'].append(acc)
    wandb.log({'train loss': history['loss'][-1], 'test acc': acc})
    print('epoch %d: loss %.3f, test acc %.4f' % (epoch + 1, history['loss'][-1], acc))

cm = confusion_matrix(y_true, y_pred)
print(classification_report(y_true, y_pred, target_names=classes))
plt.figure(figsize=(10, 8))
sns.heatmap(pd.DataFrame(cm, index=classes, columns=classes), annot=True, fmt='d')
plt.savefig('confusion.png')
wandb.finish()
