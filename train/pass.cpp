// See pass.h.
#include "train/pass.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hekla {

Pass::Pass(std::int64_t count, std::int64_t batch_size, CompileStep compile)
    : count_(count), batch_size_(std::min(batch_size, count)), compile_(std::move(compile)) {}

std::int64_t Pass::steps() const { return (count_ + batch_size_ - 1) / batch_size_; }

void Pass::run(const Report& report) {
  using Clock = std::chrono::steady_clock;
  std::int64_t done = 0;
  for (std::int64_t whole = count_ / batch_size_; done < whole;) {
    const std::int64_t now = pace_.next(whole - done);
    const auto start = Clock::now();
    program_for(batch_size_).run(static_cast<int>(now));
    done += now;
    if (report) report(done, done * batch_size_);
    pace_.ran(now, std::chrono::duration<double>(Clock::now() - start).count());
  }
  if (const std::int64_t rest = count_ - done * batch_size_; rest > 0) {
    program_for(rest).run();
    if (report) report(done + 1, count_);
  }
}

Program& Pass::program_for(std::int64_t batch_size) {
  const auto found = programs_.find(batch_size);
  if (found != programs_.end()) return found->second;
  return programs_.emplace(batch_size, compile_(batch_size)).first->second;
}

}  // namespace hekla
