// A made-up fleet in motion: appointments of devices, operators and the reconciler, one by one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "generate/calendar.h"
#include "generate/devices.h"
#include "generate/operators.h"
#include "generate/random.h"
#include "generate/scenario.h"
#include "generate/server.h"
#include "muster/event.h"
#include "muster/fleet_generator.h"

namespace muster::generate {

class Simulation {
 public:
  explicit Simulation(const FleetOptions& options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  std::optional<Event> next();

  /// The state after the last event, where next() returned nothing.
  const Server& server() const { return server_; }
  Timestamp now() const { return now_; }

 private:
  void make_first_appointments();
  std::uint32_t enrolment_seconds(HostIndex index) const;
  std::uint32_t span_seconds() const { return options_.hours * 3'600; }
  std::uint32_t seconds_now() const;
  void in_micros(std::int64_t micros, Task task, std::uint32_t which);
  void in_seconds(std::uint32_t least, std::uint32_t most, Task task, std::uint32_t which);

  /// Judges an event of now and hands it out.
  void tell(HostIndex index, EventBody body, std::uint32_t command = 0);
  void tell(EventBody body);

  void run(const Appointment& appointment);
  void found(std::uint32_t step);
  void do_deed(Deed deed);
  void do_host_deed(Deed deed);
  void run_pass();
  void take_back_one(const std::vector<Issue>& issues);

  bool online(HostIndex index) const;
  void enrol(HostIndex index);
  void report(HostIndex index);
  void heartbeat(HostIndex index);
  bool leaves(HostIndex index);
  void suffer_accidents(HostIndex index);
  void get_attention(HostIndex index);
  void come_online(HostIndex index);
  void open_session(HostIndex index);
  void answer_next(HostIndex index);
  void transfer(HostIndex index);
  void unenrol(HostIndex index, std::uint32_t least_seconds, std::uint32_t most_seconds);
  void forget(HostIndex index);

  FleetOptions options_;
  const Scenario& scenario_;
  Random random_;
  Server server_;
  Devices devices_;
  Operators operators_;
  Calendar calendar_;
  Timestamp now_;
  Timestamp last_pass_;  ///< that was recorded
  bool drop_command_ = false;
  std::deque<Event> told_;
  std::vector<Issue> issues_;  ///< of the running range; kept for its memory
};

}  // namespace muster::generate
