# expect: full
"""TP 3 : réseau convolutif sur CIFAR-10 (Master 1, Apprentissage profond)"""
from collections import OrderedDict
from dataclasses import dataclass, field

import torch
import torch.nn as nn
import torchvision as tv


@dataclass
class Config:
    lot: int = 10
    epoques: int = 3
    pas: float = 1e-3
    inertie: float = 0.9
    canaux: list = field(default_factory=lambda: [3, 6, 16])
    caches: tuple = (400, 120, 84)


cfg = Config()


def reseau(cfg):
    couches = OrderedDict()
    for n, (entree, sortie) in enumerate(zip(cfg.canaux, cfg.canaux[1:]), start=1):
        couches[f"conv{n}"] = nn.Conv2d(entree, sortie, kernel_size=5)
        couches[f"relu{n}"] = nn.ReLU()
        couches[f"pool{n}"] = nn.MaxPool2d(2)
    couches["aplatir"] = nn.Flatten()
    for n, (entree, sortie) in enumerate(zip(cfg.caches, cfg.caches[1:]), start=1):
        couches[f"lin{n}"] = nn.Linear(entree, sortie)
        couches[f"act{n}"] = nn.ReLU()
    couches["sortie"] = nn.Linear(cfg.caches[-1], 10)
    return nn.Sequential(couches)


prep = tv.transforms.Compose([tv.transforms.ToTensor(), tv.transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
appr, test = (
    torch.utils.data.DataLoader(
        tv.datasets.CIFAR10("donnees", train=t, download=True, transform=prep), batch_size=cfg.lot, shuffle=t)
    for t in (True, False)
)

modele = reseau(cfg)
print(modele)
perte = nn.CrossEntropyLoss()
opt = torch.optim.SGD(modele.parameters(), lr=cfg.pas, momentum=cfg.inertie)

for epoque in range(cfg.epoques):
    modele.train()
    cumul = 0.0
    for images, etiquettes in appr:
        opt.zero_grad()
        p = perte(modele(images), etiquettes)
        p.backward()
        opt.step()
        cumul += float(p)
    print(f"époque {epoque + 1} : perte moyenne {cumul / len(appr):.4f}")

modele.eval()
bons = total = 0
with torch.no_grad():
    for images, etiquettes in test:
        bons += (modele(images).argmax(dim=1) == etiquettes).sum().item()
        total += len(etiquettes)
print(f"Précision sur le jeu de test : {100 * bons / total:.2f} %")
