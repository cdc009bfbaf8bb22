# expect: full
# -*- coding: utf-8 -*-
"""Übung 2: VGG-11 für CIFAR-10 (Gruppe 7)"""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import Compose, Lambda, Normalize, ToTensor

η, μ = 1e-2, 0.9          # Lernrate, Impuls
Größe = 64                # Stapelgröße
Gerät = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

vorverarbeiten = Compose([ToTensor(), Lambda(lambda bild: 2 * bild - 1)])      # [0, 1] -> [-1, 1]
lerndaten = DataLoader(datasets.CIFAR10('daten', train=True, download=True, transform=vorverarbeiten), Größe, shuffle=True)
prüfdaten = DataLoader(datasets.CIFAR10('daten', train=False, download=True, transform=vorverarbeiten), Größe)


class Faltung(nn.Conv2d):
    """3x3, gleiche Größe, mit ReLU dahinter"""

    def __init__(self, ein, aus):
        super().__init__(ein, aus, 3, padding=1)

    def forward(self, x):
        return super().forward(x).clamp(min=0)


class Netz(nn.Module):
    def __init__(self):
        super().__init__()
        self.f1, self.f2 = Faltung(3, 64), Faltung(64, 128)
        self.f3, self.f4 = Faltung(128, 256), Faltung(256, 256)
        self.f5, self.f6 = Faltung(256, 512), Faltung(512, 512)
        self.f7, self.f8 = Faltung(512, 512), Faltung(512, 512)
        self.halb = nn.MaxPool2d(2)
        self.ausgabe = nn.Linear(512, 10)

    def forward(self, x):
        x = self.halb(self.f1(x))
        x = self.halb(self.f2(x))
        x = self.halb(self.f4(self.f3(x)))
        x = self.halb(self.f6(self.f5(x)))
        x = self.halb(self.f8(self.f7(x)))
        return self.ausgabe(x.flatten(start_dim=1, end_dim=-1))


netz = Netz().to(Gerät)
verlust = nn.CrossEntropyLoss()
schritt = optim.SGD(netz.parameters(), lr=η, momentum=μ)

for epoche in range(1, 16):
    netz.train()
    Σ = 0.0
    for x, y in lerndaten:
        x, y = x.to(Gerät), y.to(Gerät)
        schritt.zero_grad()
        ℓ = verlust(netz(x), y)
        ℓ.backward()
        schritt.step()
        Σ += ℓ.item()
    print(f'Epoche {epoche}: Ø Verlust {Σ / len(lerndaten):.3f}')

netz.eval()
richtig = 0
with torch.no_grad():
    for x, y in prüfdaten:
        ŷ = netz(x.to(Gerät)).argmax(1).cpu()
        richtig += (ŷ == y).sum().item()
print(f'Genauigkeit: {100 * richtig / len(prüfdaten.dataset):.1f} %')
