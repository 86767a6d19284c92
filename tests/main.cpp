// The main function of hekla_tests; the test cases are in the folders beside this file, one folder per layer.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
