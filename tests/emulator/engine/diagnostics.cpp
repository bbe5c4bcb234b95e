#include "emulator/engine/diagnostics.hpp"

#include <cstdio>
#include <map>

namespace polyak::emulator {
namespace {

std::string triple(uint3 index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," +
         std::to_string(index.z) + ")";
}

std::string describe_wait(const Thread& thread) {
  if (thread.state == ThreadState::exited) return "left the kernel";
  std::string text = "wait at " + describe(thread.waiting_at);
  if (thread.state == ThreadState::at_warp_operation) {
    char mask[32];
    std::snprintf(mask, sizeof mask, " (mask %08x)", thread.request.mask);
    text += mask;
  }
  return text;
}

}  // namespace

std::string describe(const Site& site) {
  const std::string path = site.location.file;
  const std::string file = path.substr(path.rfind('/') + 1);
  return std::string(site.operation) + " at " + file + ":" + std::to_string(site.location.line);
}

std::string describe(const Thread& thread) {
  return "block " + triple(thread.block_index) + " thread " + triple(thread.thread_index);
}

std::string describe_deadlock(const Engine& engine) {
  struct Group {
    unsigned threads = 0;
    std::string first;
  };
  std::map<std::string, Group> groups;
  for (const Thread& thread : engine.threads) {
    Group& group = groups[describe_wait(thread)];
    if (group.threads == 0) group.first = describe(thread);
    ++group.threads;
  }
  std::string text = "deadlock:";
  for (const auto& [wait, group] : groups) {
    text +=
        "\n    " + std::to_string(group.threads) + " threads " + wait + ", first " + group.first;
  }
  return text;
}

}  // namespace polyak::emulator
