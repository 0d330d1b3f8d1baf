//! borealis-mcp
