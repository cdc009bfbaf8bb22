# expect: full
import os
os.environ['CUDA_DEVICE_ORDER'] = 'PCI_BUS_ID'
os.environ['CUDA_VISIBLE_DEVICES'] = '1'
os.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'
import sys
import random
import warnings
import numpy as np
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as tt
warnings.filterwarnings('ignore')


def seed_everything(seed):
    random.seed(seed)
    os.environ['PYTHONHASHSEED'] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.enabled = True


seed_everything(2023)
assert sys.version_info >= (3, 6)

stats = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
train_ds = torchvision.datasets.CIFAR10(root='./', train=True, download=True, transform=tt.Compose([
    tt.RandomCrop(32, padding=4, padding_mode='reflect'), tt.RandomHorizontalFlip(), tt.ToTensor(), tt.Normalize(*stats, inplace=True)]))
valid_ds = torchvision.datasets.CIFAR10(root='./', train=False, download=True, transform=tt.Compose([tt.ToTensor(), tt.Normalize(*stats)]))
train_dl = torch.utils.data.DataLoader(train_ds, 400, shuffle=True, num_workers=3, pin_memory=True, persistent_workers=True)
valid_dl = torch.utils.data.DataLoader(valid_ds, 800, num_workers=3, pin_memory=True)


def conv_block(in_channels, out_channels):
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel_size=5), nn.ReLU(inplace=True), nn.MaxPool2d(2))


class ImageClassifier(nn.Module):
    def training_step(self, batch):
        images, labels = batch
        return nn.functional.cross_entropy(self(images), labels)

    def validation_step(self, batch):
        images, labels = batch
        out = self(images)
        return {'loss': nn.functional.cross_entropy(out, labels), 'hits': (out.argmax(1) == labels).sum(), 'n': len(labels)}


class Lenet(ImageClassifier):
    def __init__(self):
        super().__init__()
        self.block1 = conv_block(3, 6)
        self.block2 = conv_block(6, 16)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, xb):
        return self.classifier(self.block2(self.block1(xb)))


@torch.no_grad()
def evaluate(model, dl):
    model.eval()
    outputs = [model.validation_step(batch) for batch in dl]
    hits, n = sum(o['hits'] for o in outputs), sum(o['n'] for o in outputs)
    return {'val_loss': torch.stack([o['loss'] for o in outputs]).mean().item(), 'val_acc': (hits / n).item()}


def fit(epochs, lr, model, train_dl, valid_dl, opt_func=torch.optim.SGD):
    history = []
    optimizer = opt_func(model.parameters(), lr, momentum=0.9)
    for epoch in range(epochs):
        model.train()
        losses = []
        for batch in train_dl:
            loss = model.training_step(batch)
            losses.append(loss.detach())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        result = evaluate(model, valid_dl)
        print('Epoch [{}], train_loss: {:.4f}, val_loss: {:.4f}, val_acc: {:.4f}'.format(
            epoch, torch.stack(losses).mean().item(), result['val_loss'], result['val_acc']))
        history.append(result)
    return history


history = fit(8, 0.001, Lenet(), train_dl, valid_dl)
print('final accuracy:', history[-1]['val_acc'])
sys.exit()
