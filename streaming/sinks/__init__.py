"""Where counts go: files, snapshots, standard output and topics. Each says what it guarantees."""
