#include "app/ranks/launched.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"

namespace polyak::test {
namespace {

namespace fs = std::filesystem;

std::string shell_line(const std::vector<std::string>& arguments, const std::string& before) {
  std::string line = before + "exec \"" POLYAK_BINARY "\"";
  for (const std::string& argument : arguments) line += " \"" + argument + "\"";
  return line;
}

/// Becomes mpirun. Open MPI wants to be told that it may run as root, and more than one process on
/// a core; other MPIs need not be told.
void run_mpirun(int ranks, const std::string& line, const fs::path& directory,
                const std::string& mark) {
  for (const char* const name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
                                 "OMPI_MCA_rmaps_base_oversubscribe"}) {
    ::setenv(name, "1", 1);
  }
  ::setenv("POLYAK_TEST_LAUNCH", mark.c_str(), 1);
  if (::chdir(directory.c_str()) != 0) return;
  ::execl(POLYAK_MPIRUN, POLYAK_MPIRUN, "-n", std::to_string(ranks).c_str(), "sh", "-c",
          line.c_str(), nullptr);
}

std::string new_mark() {
  static int launches = 0;
  return std::to_string(::getpid()) + "-" + std::to_string(++launches);
}

/// Whether a process has all of these variables.
bool has_variables(const fs::path& process, const std::vector<std::string>& wanted) {
  const std::string all = std::string(1, '\0') + read_text(process / "environ");
  for (const std::string& one : wanted) {
    if (all.find(std::string(1, '\0') + one + std::string(1, '\0')) == std::string::npos)
      return false;
  }
  return true;
}

}  // namespace

Launched::Launched(int ranks, const std::vector<std::string>& arguments, const fs::path& directory,
                   const std::string& before)
    : mark_(new_mark()), mpirun_({}, directory, 0, {}, [&, line = shell_line(arguments, before)] {
        run_mpirun(ranks, line, directory, mark_);
      }) {}

int Launched::send(int signal, int rank) const {
  std::vector<std::string> wanted = {"POLYAK_TEST_LAUNCH=" + mark_};
  if (rank >= 0) wanted.push_back("OMPI_COMM_WORLD_RANK=" + std::to_string(rank));
  int sent = 0;
  for (const auto& process : fs::directory_iterator("/proc")) {
    std::error_code gone;
    const auto id = parse_number<pid_t>(process.path().filename().string());
    if (!id || fs::read_symlink(process.path() / "exe", gone) != POLYAK_BINARY) continue;
    if (has_variables(process.path(), wanted) && ::kill(*id, signal) == 0) ++sent;
  }
  return sent;
}

}  // namespace polyak::test
