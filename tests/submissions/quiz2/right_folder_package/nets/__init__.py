from .vgg import vgg_from_plan
