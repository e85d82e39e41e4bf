"""Steering without a kernel: a page's sliders and buttons choose among runs that happened.

`settings` says at which settings a scene is run again, `scenes` runs it so in the lesson's kernel, `runs` makes what
came of it ready for the page; ``../js/steering.js`` chooses.
"""
