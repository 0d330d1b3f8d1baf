CREATE TABLE t (
  d hypercube(3)
);
