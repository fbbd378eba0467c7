// AST
