// Errors of the environment: disk, damage, misuse, another process.
//
// A Status says whether a call could do its work at all. How the rules judged an event is an
// Outcome (types.h): a refused event is data, not an error.
//
//   muster::Result<muster::Store> store = muster::Store::open(options);
//   if (!store.ok()) return fail(store.status().message());
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace muster {

/// Why a call failed. The numbers are printed by tools: they never change.
enum class StatusCode : std::uint8_t {
  kOk = 0,
  kInvalidArgument = 1,  ///< the caller asked for something that cannot be
  kNotFound = 2,         ///< no such file or store
  kBusy = 3,             ///< another process or thread holds the store
  kCorruption = 4,       ///< stored bytes are damaged
  kIoError = 5,          ///< the operating system refused a read or a write
  kFormatTooNew = 6,     ///< written by a newer Muster
  kNotAStore = 7,        ///< the directory holds something else
  kPolicyMismatch = 8,   ///< the store holds another policy than the one asked for
  kReadOnly = 9,         ///< a change was asked of a store opened read-only
  kClosed = 10,          ///< the store was closed; one that stopped answers with what stopped it
  kBadInput = 11,        ///< a recording cannot be read at all
  kLimit = 12,           ///< a stated limit would be passed
  kEventsLost = 13,      ///< the store holds less than it had acknowledged
};

/// The code's name as tools print it, for example "io_error".
std::string_view name_of(StatusCode code);

/// Success, or a code with a message that names the place and what to do. Success costs nothing.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(StatusCode code, std::string message);

  bool ok() const noexcept { return error_ == nullptr; }
  StatusCode code() const noexcept { return ok() ? StatusCode::kOk : error_->code; }
  std::string_view message() const noexcept { return ok() ? std::string_view() : error_->message; }
  /// "code: message", or "ok".
  std::string to_string() const;

 private:
  struct Error {
    StatusCode code;
    std::string message;
  };
  std::shared_ptr<const Error> error_;
};

/// A value, or the Status that says why there is none. Reading the value of a failed Result ends
/// the process: look at ok() first.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<1>, std::move(value)) {}
  Result(Status status) : held_(std::in_place_index<0>, std::move(status)) {}

  bool ok() const noexcept { return held_.index() == 1; }
  Status status() const { return ok() ? Status() : std::get<0>(held_); }

  T& value() & { return std::get<1>(held_); }
  const T& value() const& { return std::get<1>(held_); }
  T&& value() && { return std::get<1>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<Status, T> held_;
};

}  // namespace muster
