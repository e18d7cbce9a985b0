network = "main"
