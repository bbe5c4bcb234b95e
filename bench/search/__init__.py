"""The same search for settings by `polyak tune` and by Optuna with PyTorch, side by side."""
