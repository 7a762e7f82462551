static double f(double x) { return x + y; }
