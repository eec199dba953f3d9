module hashes

go 1.19
