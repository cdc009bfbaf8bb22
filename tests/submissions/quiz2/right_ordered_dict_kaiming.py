# expect: full
from collections import OrderedDict
import time

import torch
import torch.nn as nn
import torch.nn.init as init
import torch.optim as optim
import torchvision.datasets as dset
import torchvision.transforms as transforms

# ---------------------------------------------------------------- hyper parameters
num_epochs = 20
batch_size = 50
learning_rate = .01
momentum = .9
# ---------------------------------------------------------------- data
stats = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
tfm = transforms.Compose([transforms.ToTensor(), transforms.Normalize(*stats, inplace=True)])
train_data = dset.CIFAR10(root='../data', train=True, transform=tfm, target_transform=None, download=True)
test_data = dset.CIFAR10(root='../data', train=False, transform=tfm, target_transform=None, download=True)
train_gen = torch.utils.data.DataLoader(dataset=train_data, batch_size=batch_size, shuffle=True, num_workers=2)
test_gen = torch.utils.data.DataLoader(dataset=test_data, batch_size=batch_size, shuffle=False, num_workers=2)
# ---------------------------------------------------------------- net


class vgg(nn.Module):
    def __init__(self, num_class=10, init_weights=True):
        super(vgg, self).__init__()
        self.layer = nn.Sequential(OrderedDict([
            ('conv1_1', nn.Conv2d(3, 64, 3, padding=1)), ('relu1_1', nn.ReLU()), ('pool1', nn.MaxPool2d(2, 2)),
            ('conv2_1', nn.Conv2d(64, 128, 3, padding=1)), ('relu2_1', nn.ReLU()), ('pool2', nn.MaxPool2d(2, 2)),
            ('conv3_1', nn.Conv2d(128, 256, 3, padding=1)), ('relu3_1', nn.ReLU()),
            ('conv3_2', nn.Conv2d(256, 256, 3, padding=1)), ('relu3_2', nn.ReLU()), ('pool3', nn.MaxPool2d(2, 2)),
            ('conv4_1', nn.Conv2d(256, 512, 3, padding=1)), ('relu4_1', nn.ReLU()),
            ('conv4_2', nn.Conv2d(512, 512, 3, padding=1)), ('relu4_2', nn.ReLU()), ('pool4', nn.MaxPool2d(2, 2)),
            ('conv5_1', nn.Conv2d(512, 512, 3, padding=1)), ('relu5_1', nn.ReLU()),
            ('conv5_2', nn.Conv2d(512, 512, 3, padding=1)), ('relu5_2', nn.ReLU()),
            ('avgpool', nn.AvgPool2d(kernel_size=2, stride=1)),
        ]))
        self.classifier = nn.Sequential(OrderedDict([('flat', nn.Flatten()), ('fc', nn.Linear(512, num_class))]))
        if init_weights:
            self._initialize_weights()

    def forward(self, x):
        return self.classifier(self.layer(x))

    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')
                if m.bias is not None:
                    init.constant_(m.bias, 0)
            elif isinstance(m, nn.Linear):
                init.normal_(m.weight, 0, 0.01)
                init.constant_(m.bias, 0)


device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
model = vgg().to(device)
loss_func = nn.CrossEntropyLoss(reduction='mean')
optimizer = optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum, weight_decay=0, nesterov=False)

loss_arr = []
for i in range(num_epochs):
    t0 = time.time()
    for j, [image, label] in enumerate(train_gen):
        x = image.to(device)
        y_ = label.to(device)
        optimizer.zero_grad()
        output = model.forward(x)
        loss = loss_func(output, y_)
        loss.backward()
        optimizer.step()
        if j % 1000 == 0:
            print(i, j, loss.cpu().detach().numpy())
            loss_arr.append(loss.cpu().detach().numpy())
    print('epoch %d took %.1f s' % (i, time.time() - t0))

model.eval()
correct = 0
total = 0
with torch.no_grad():
    for image, label in test_gen:
        x = image.to(device)
        y_ = label.to(device)
        output = model.forward(x)
        _, output_index = torch.max(output, 1)
        total += label.size(0)
        correct += (output_index == y_).sum().float()
    print("Accuracy of Test Data: {}%".format(100 * correct / total))
