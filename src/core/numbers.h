// Interned numbers. They follow the order of the recording, are never reused and never decide an
// order themselves: ties go by the bytes of the uuid that they stand for.
#pragma once

#include <cstdint>
#include <type_traits>

namespace muster::core {

enum class LabelNumber : std::uint32_t {};    ///< 0: a broken reference (the label was deleted)
enum class ProfileNumber : std::uint32_t {};  ///< one a profile_uuid
enum class VersionNumber : std::uint32_t {};  ///< one a (profile, content, name, secrets time)
enum class CommandNumber : std::uint64_t {};  ///< 48 bits; 0: no command
enum class HostOrdinal : std::uint32_t {};    ///< position in the arrays of times

inline constexpr LabelNumber kBrokenLabel{0};
inline constexpr CommandNumber kNoCommand{0};
inline constexpr std::uint64_t kCommandNumberMax = (std::uint64_t{1} << 48) - 1;

template <typename Number>
constexpr auto to_integer(Number number) {
  return static_cast<std::underlying_type_t<Number>>(number);
}

}  // namespace muster::core
