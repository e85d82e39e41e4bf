"""Lesson 20: keepers that are killed or lose their power, what that costs, answers that get lost, dead dispatchers."""

from .costs import costs, price_list
from .keepers import Keepers
from .orders import Orders
from .small import arrived_later, killed_half_way, rep_and_req
from .work import REQUESTS, Delivery, deployment

__all__ = [
    "REQUESTS",
    "Delivery",
    "Keepers",
    "Orders",
    "arrived_later",
    "costs",
    "deployment",
    "killed_half_way",
    "price_list",
    "rep_and_req",
]
