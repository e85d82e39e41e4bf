from ...exercise import exercise
@exercise("27.3",title="x",hints=("a","b","c"))
def c(rotate):
    return ""
