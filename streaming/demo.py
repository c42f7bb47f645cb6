"""x"""
def run_demo(say, *, debug): return 0
