# expect: wrong-attribute:conv2.kernel_size@14
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


class CifarNet(nn.Module):
    def __init__(self):
        super(CifarNet, self).__init__()
        self.conv_1 = nn.Conv2d(3, 6, kernel_size=(5, 5))
        self.conv_2 = nn.Conv2d(6, 16, kernel_size=(3, 3))
        self.linear_1 = nn.Linear(576, 120)
        self.linear_2 = nn.Linear(120, 84)
        self.out = nn.Linear(84, 10)

    def forward(self, input):
        h = self.conv_1(input)
        h = F.max_pool2d(h, (2, 2))
        h = torch.relu(h)
        h = self.conv_2(h)
        h = F.max_pool2d(h, (2, 2))
        h = torch.relu(h)
        h = h.view(-1, self.num_flat_features(h))
        h = torch.relu(self.linear_1(h))
        h = torch.relu(self.linear_2(h))
        return self.out(h)

    def num_flat_features(self, x):
        size = x.size()[1:]
        num_features = 1
        for s in size:
            num_features *= s
        return num_features


transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
train_set = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
test_set = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=25, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=25, shuffle=False)

model = CifarNet()
loss_func = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

for epoch in range(8):
    epoch_losses = []
    for batch_x, batch_y in train_loader:
        output = model(batch_x)
        loss = loss_func(output, batch_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_losses.append(loss.item())
    print('Epoch: ', epoch, '| train loss: %.4f' % np.mean(epoch_losses))

accs = []
model.eval()
with torch.no_grad():
    for batch_x, batch_y in test_loader:
        pred_y = torch.max(model(batch_x), 1)[1].numpy()
        accs.append((pred_y == batch_y.numpy()).mean())
print('test accuracy: %.4f' % np.mean(accs))
