# expect: wrong-momentum@47
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms
import numpy as np
import matplotlib.pyplot as plt


class VGGNet(nn.Module):
    def __init__(self):
        super(VGGNet, self).__init__()
        self.conv1 = nn.Conv2d(in_channels=3, out_channels=64, kernel_size=3, stride=1, padding=1)
        self.conv2 = nn.Conv2d(in_channels=64, out_channels=128, kernel_size=3, stride=1, padding=1)
        self.conv3 = nn.Conv2d(in_channels=128, out_channels=256, kernel_size=3, stride=1, padding=1)
        self.conv4 = nn.Conv2d(in_channels=256, out_channels=256, kernel_size=3, stride=1, padding=1)
        self.conv5 = nn.Conv2d(in_channels=256, out_channels=512, kernel_size=3, stride=1, padding=1)
        self.conv6 = nn.Conv2d(in_channels=512, out_channels=512, kernel_size=3, stride=1, padding=1)
        self.conv7 = nn.Conv2d(in_channels=512, out_channels=512, kernel_size=3, stride=1, padding=1)
        self.conv8 = nn.Conv2d(in_channels=512, out_channels=512, kernel_size=3, stride=1, padding=1)
        self.fc1 = nn.Linear(in_features=512, out_features=10)

    def forward(self, x):
        batch = x.shape[0]
        x = F.max_pool2d(torch.relu_(self.conv1(x)), 2, 2)
        x = F.max_pool2d(torch.relu_(self.conv2(x)), 2, 2)
        x = torch.relu_(self.conv3(x))
        x = F.max_pool2d(torch.relu_(self.conv4(x)), 2, 2)
        x = torch.relu_(self.conv5(x))
        x = F.max_pool2d(torch.relu_(self.conv6(x)), 2, 2)
        x = torch.relu_(self.conv7(x))
        x = F.avg_pool2d(torch.relu_(self.conv8(x)), 2, 2)
        x = x.view(batch, 512)
        return self.fc1(x)


transform = transforms.Compose([transforms.ToTensor(),
                                transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_dataset = torchvision.datasets.CIFAR10(root='.\\data', train=True, transform=transform, download=True)
test_dataset = torchvision.datasets.CIFAR10(root='.\\data', train=False, transform=transform, download=True)
train_loader = torch.utils.data.DataLoader(dataset=train_dataset, batch_size=100, shuffle=True)
test_loader = torch.utils.data.DataLoader(dataset=test_dataset, batch_size=100, shuffle=False)

model = VGGNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

losses = []
for epoch in range(5):
    for i, (images, labels) in enumerate(train_loader):
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

plt.plot(np.arange(len(losses)), losses)
plt.xlabel('step')
plt.ylabel('loss')
plt.savefig('loss.png')

model.eval()
class_correct = [0.] * 10
class_total = [0.] * 10
with torch.no_grad():
    for images, labels in test_loader:
        _, predicted = torch.max(model(images), 1)
        for label, hit in zip(labels, predicted == labels):
            class_correct[label] += hit.item()
            class_total[label] += 1
print('Accuracy of the model on the test images: {:.2f} %'.format(100 * sum(class_correct) / sum(class_total)))
