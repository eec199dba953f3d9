// An assembly file, so that the compiler lets functions be declared without a body.
