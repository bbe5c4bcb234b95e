"""Turns PTX, as nvcc writes it, into C++ whose CUDA threads are the emulator's fibers."""
