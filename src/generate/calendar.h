// What is to happen when: one list a minute, and the running minute in order.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "muster/types.h"

namespace muster::generate {

/// In the order in which tasks of one moment run.
enum class Task : std::uint8_t {
  kFounding,     ///< the catalog of the begin
  kDeed,         ///< an operator does what the scenario says
  kPass,         ///< the reconciler's turn
  kEnrol,        ///< the device enrols, or comes back after it was un-enrolled
  kFirstReport,  ///< soon after enrolment
  kHeartbeat,    ///< once an hour a device
  kReturn,       ///< the device is online again
  kSession,      ///< the device answers its next command
};

struct Appointment {
  Timestamp at;
  Task task = Task::kPass;
  std::uint32_t which = 0;  ///< the host, or the number of the deed
};

class Calendar {
 public:
  Calendar(Timestamp start, std::uint32_t minutes);

  /// What lies behind the end is dropped; nothing is added before the last one handed out.
  void add(const Appointment& appointment);
  std::optional<Appointment> next();

 private:
  /// 12 bytes: there are several a device.
  struct Entry {
    std::uint32_t micros = 0;  ///< in the minute
    std::uint32_t which = 0;
    Task task = Task::kPass;
    friend auto operator<=>(const Entry& left, const Entry& right) {
      if (const auto order = left.micros <=> right.micros; order != 0) return order;
      if (const auto order = left.task <=> right.task; order != 0) return order;
      return left.which <=> right.which;
    }
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Timestamp start_;
  std::vector<std::vector<Entry>> minutes_;
  std::size_t minute_ = 0;  ///< its entries are a heap, the next one on top
};

}  // namespace muster::generate
