#include "src/cli/program.hpp"

int main(int argc, char** argv) {
  return phasebit::cli::run_program(argc, argv);
}
