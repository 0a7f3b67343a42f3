// The words that stand for enumerators in canonical text, for reading and writing alike.
#pragma once

#include <array>
#include <string_view>

#include "muster/event.h"

namespace muster::codec {

template <typename Enum>
struct Word {
  std::string_view text;
  Enum value;
};

/// `kWords<Platform>`, and `kWordKind<Platform>`: what one is called in a message.
template <typename Enum>
inline constexpr int kWords = 0;
template <typename Enum>
inline constexpr std::string_view kWordKind = "";

template <>
inline constexpr auto kWords<LabelMembership> =
    std::array{Word<LabelMembership>{"dynamic", LabelMembership::kDynamic},
               Word<LabelMembership>{"manual", LabelMembership::kManual},
               Word<LabelMembership>{"host_vitals", LabelMembership::kHostVitals}};
template <>
inline constexpr std::string_view kWordKind<LabelMembership> = "a membership";

template <>
inline constexpr auto kWords<Platform> = std::array{
    Word<Platform>{"darwin", Platform::kDarwin}, Word<Platform>{"ios", Platform::kIos},
    Word<Platform>{"ipados", Platform::kIpados}, Word<Platform>{"windows", Platform::kWindows}};
template <>
inline constexpr std::string_view kWordKind<Platform> = "a platform";

template <>
inline constexpr auto kWords<Scope> =
    std::array{Word<Scope>{"System", Scope::kSystem}, Word<Scope>{"User", Scope::kUser}};
template <>
inline constexpr std::string_view kWordKind<Scope> = "a scope";

template <>
inline constexpr auto kWords<Operation> = std::array{
    Word<Operation>{"install", Operation::kInstall}, Word<Operation>{"remove", Operation::kRemove}};
template <>
inline constexpr std::string_view kWordKind<Operation> = "an operation";

/// Without kUnsent, which is JSON's null.
template <>
inline constexpr auto kWords<DeliveryStatus> =
    std::array{Word<DeliveryStatus>{"pending", DeliveryStatus::kPending},
               Word<DeliveryStatus>{"verifying", DeliveryStatus::kVerifying},
               Word<DeliveryStatus>{"verified", DeliveryStatus::kVerified},
               Word<DeliveryStatus>{"failed", DeliveryStatus::kFailed}};
template <>
inline constexpr std::string_view kWordKind<DeliveryStatus> = "a delivery status";

template <>
inline constexpr auto kWords<LateResults> =
    std::array{Word<LateResults>{"upstream", LateResults::kUpstream},
               Word<LateResults>{"ignore_stale", LateResults::kIgnoreStale}};
template <>
inline constexpr std::string_view kWordKind<LateResults> = "a choice";

}  // namespace muster::codec
