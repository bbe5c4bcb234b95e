#include "app/program.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "io/temporary_directory.hpp"

namespace polyak::test {
namespace {

void redirect(const std::filesystem::path& path, int descriptor) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, descriptor);
  ::close(file);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::filesystem::path& directory,
                 std::size_t largest_file, const std::filesystem::path& output,
                 const std::function<void()>& in_child) {
  std::string captured = (std::filesystem::temp_directory_path() / "polyak_output_XXXXXX").string();
  if (::mkdtemp(captured.data()) == nullptr) throw std::runtime_error("cannot create " + captured);
  captured_ = captured;
  std::vector<std::string> words = {POLYAK_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ != 0) return;
  redirect("/dev/null", STDIN_FILENO);
  redirect(output.empty() ? captured_ / "output" : output, STDOUT_FILENO);
  redirect(captured_ / "errors", STDERR_FILENO);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGPIPE, SIGXFSZ}) {
    std::signal(signal, SIG_DFL);
  }
  if (largest_file > 0) {
    const rlimit limit{largest_file, largest_file};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (in_child) in_child();
  if (::chdir(directory.c_str()) == 0) ::execv(POLYAK_BINARY, pointers.data());
  ::_exit(127);
}

Program::~Program() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(captured_, ignored);
}

void Program::interrupt() const { send(SIGINT); }
void Program::send(int signal) const { ::kill(process_, signal); }

bool Program::has_ended() const {
  siginfo_t state{};
  return ::waitid(P_PID, static_cast<id_t>(process_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         state.si_pid == process_;
}

ProgramResult Program::wait() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  const int exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {exit_code, read_text(captured_ / "output"), read_text(captured_ / "errors")};
}

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory, std::size_t largest_file) {
  return Program(arguments, directory, largest_file).wait();
}

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory,
                          const std::function<void()>& in_child) {
  return Program(arguments, directory, 0, {}, in_child).wait();
}

void wait_for_text(const std::filesystem::path& file, const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (read_text(file).find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("waited in vain for " + text + " in " + file.string());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::vector<std::string> small_training(const std::vector<std::string>& more) {
  const std::vector<std::pair<std::string, std::string>> defaults = {
      {"--device", "cpu"},           {"--threads", "1"},
      {"--environments", "2"},       {"--total-steps", "600"},
      {"--warmup-steps", "50"},      {"--batch-size", "16"},
      {"--learning-starts", "64"},   {"--update-to-data", "0.5"},
      {"--actor-hidden", "8"},       {"--critic-hidden", "8,8"},
      {"--evaluation-episodes", "5"}};
  std::vector<std::string> arguments = {"train"};
  for (const auto& [name, value] : defaults) {
    const auto given = [&more](const std::string& option) {
      return std::find(more.begin(), more.end(), option) != more.end();
    };
    if (given(name) || (name == "--evaluation-episodes" && given("--starts"))) continue;
    arguments.insert(arguments.end(), {name, value});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace polyak::test
