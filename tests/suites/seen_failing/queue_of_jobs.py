jobs = []
