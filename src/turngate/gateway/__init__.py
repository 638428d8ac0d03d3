"""The I/O shell: sockets, tasks and the clock are here and nowhere else."""
