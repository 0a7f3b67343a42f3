// Records of commands, groups, pages and meta: what is written is read again, damage is refused.
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "codec/envelope.h"
#include "schema/group_generated.h"
#include "schema/page_generated.h"
#include "schema/statements_generated.h"
#include "store/catalog_records.h"
#include "store/group_record.h"
#include "store/layout.h"
#include "store/meta_records.h"
#include "store/statement_records.h"
#include "tests/support/fleet.h"
#include "tests/support/record_damage.h"

namespace muster::store {
namespace {

using test::RandomValues;

class SmallRecords : public testing::Test {
 protected:
  SmallRecords() { std::cout << "MUSTER_SEED=" << seed_ << '\n'; }

  Cursor random_cursor() {
    return {random_.id(), random_.number(), Timestamp{random_.signed_number()}};
  }
  StoreDigest random_digest() {
    StoreDigest digest;
    for (const FamilyInfo& info : kFamilies) {
      if (info.digested) digest.restore(static_cast<std::uint32_t>(info.family), random_.number());
    }
    digest.restore(kTimesDigest, random_.number());
    return digest;
  }
  PassChain random_passes() {
    if (random_.below(2) == 0) return {random_.number(), 0, ""};
    return {random_.number(), 1 + random_.below(1000), random_.id()};
  }
  GroupRecord random_group();
  Committed random_committed();

  const std::uint64_t seed_ = test::seed_or(4711);
  RandomValues random_{seed_};
};

void expect_same_sums(const StoreDigest& left, const StoreDigest& right) {
  for (std::uint32_t family = 0; family <= kTimesDigest; ++family) {
    EXPECT_EQ(left.sum(family), right.sum(family)) << "family " << family;
  }
}

template <typename Left, typename Right>
void expect_same_cursor(const Left& left, const Right& right) {
  EXPECT_EQ(left.source, right.source);
  EXPECT_EQ(left.event, right.event);
  EXPECT_EQ(left.at, right.at);
}

GroupRecord SmallRecords::random_group() {
  GroupRecord group;
  group.sequence = random_.number();
  group.events = random_.number32();
  group.next_ordinal = random_.number32();
  group.next_command = random_.number();
  group.passes = random_passes();
  for (std::uint64_t left = random_.below(3); left > 0; --left) {
    group.cursors.push_back(random_cursor());
  }
  for (std::uint32_t left = static_cast<std::uint32_t>(random_.below(4)); left > 0; --left) {
    group.touches.push_back(
        {core::HostOrdinal{10 - left}, {random_.signed_number(), random_.signed_number()}});
  }
  const auto count = [this] { return 1 + static_cast<std::int64_t>(random_.below(1000)); };
  for (std::uint64_t left = random_.below(4); left > 0; --left) {
    group.totals.teams[random_.number32()] = {count(), count(), count(), count(), -count()};
    group.totals.profiles[core::ProfileNumber{random_.number32()}] = {count(), count(), count(),
                                                                      count(), -count()};
  }
  group.totals.hosts = random_.signed_number();
  group.totals.rows = random_.signed_number();
  group.totals.due = random_.signed_number();
  group.totals.outbox = random_.signed_number();
  group.next_outbox = random_.number();
  group.changes = {random_.number(), random_.number()};
  group.digest = random_digest();
  return group;
}

Committed SmallRecords::random_committed() {
  Committed committed;
  committed.group = random_.number();
  committed.sequence = random_.number();
  committed.next_ordinal = random_.number32();
  committed.next_command = random_.number();
  committed.passes = random_passes();
  committed.largest_group = random_.number32();
  for (std::uint64_t left = random_.below(3); left > 0; --left) {
    const Cursor cursor = random_cursor();
    committed.cursors.insert_or_assign(cursor.source, cursor);
  }
  for (std::uint64_t left = random_.below(4); left > 0; --left) {
    committed.totals.teams[random_.number32()] = {random_.number(), 2, 3, 4, 5};
    committed.totals.profiles[core::ProfileNumber{random_.number32()}] = {1, random_.number(), 3, 4,
                                                                          5};
  }
  committed.totals.hosts = random_.number();
  committed.totals.rows = random_.number();
  committed.totals.due = random_.number();
  committed.totals.outbox = random_.number();
  committed.next_outbox = random_.number();
  committed.changes = {random_.number(), random_.number()};
  committed.digest = random_digest();
  return committed;
}

TEST_F(SmallRecords, CommandsRoundTrip) {
  for (int i = 0; i < 1'000; ++i) {
    const core::CommandNumber number{random_.number()};
    StoredCommand command{random_.id(), core::VersionNumber{random_.number32()},
                          random_.chance(50) ? Operation::kInstall : Operation::kRemove,
                          Timestamp{random_.signed_number()}};
    if (random_.chance(50)) command.unnamed_since = Timestamp{1 + random_.signed_number() / 2};
    const auto decoded = decode_command(number, encode_command(number, command));
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(decoded->uuid, command.uuid);
    EXPECT_EQ(decoded->version, command.version);
    EXPECT_EQ(decoded->operation, command.operation);
    EXPECT_EQ(decoded->issued_at, command.issued_at);
    EXPECT_EQ(decoded->unnamed_since, command.unnamed_since);
  }
}

TEST_F(SmallRecords, CommandsRefuseDamage) {
  const core::CommandNumber number{77};
  const StoredCommand command{"command-uuid", core::VersionNumber{3}, Operation::kRemove,
                              Timestamp{1}};
  const std::string sealed = encode_command(number, command);
  test::expect_damage_refused(
      sealed, [&](std::string_view bytes) { return decode_command(number, bytes).ok(); });
  const auto other = decode_command(core::CommandNumber{78}, sealed);
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.status().message().find("family commands, command 78"), std::string::npos);
  for (const int operation : {0, 3, 255}) {
    StoredCommand wrong = command;
    wrong.operation = static_cast<Operation>(operation);
    EXPECT_FALSE(decode_command(number, encode_command(number, wrong)).ok()) << operation;
  }
}

TEST_F(SmallRecords, CommandIndexesRoundTripAndRefuseDamage) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string uuid = random_.id();
    const StoredCommandIndex index{core::CommandNumber{random_.number()},
                                   core::ProfileNumber{random_.number32()}, Operation::kInstall};
    const auto decoded = decode_command_index(uuid, encode_command_index(uuid, index));
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(decoded->number, index.number);
    EXPECT_EQ(decoded->profile, index.profile);
    EXPECT_EQ(decoded->operation, index.operation);
    EXPECT_FALSE(decode_command_index(uuid + "x", encode_command_index(uuid, index)).ok());
  }
  const StoredCommandIndex index{core::CommandNumber{5}, core::ProfileNumber{6},
                                 Operation::kRemove};
  test::expect_damage_refused(encode_command_index("uuid", index), [](std::string_view bytes) {
    return decode_command_index("uuid", bytes).ok();
  });
  const StoredCommandIndex wrong{core::CommandNumber{5}, core::ProfileNumber{6}, Operation{}};
  EXPECT_FALSE(decode_command_index("uuid", encode_command_index("uuid", wrong)).ok());
}

TEST_F(SmallRecords, GroupsRoundTrip) {
  for (int i = 0; i < 1'000; ++i) {
    const GroupRecord group = random_group();
    const std::string key = group_key(random_.number());
    const auto decoded = decode_group(key, encode_group(key, group));
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(decoded->sequence, group.sequence);
    EXPECT_EQ(decoded->events, group.events);
    EXPECT_EQ(decoded->next_ordinal, group.next_ordinal);
    EXPECT_EQ(decoded->next_command, group.next_command);
    EXPECT_EQ(decoded->passes, group.passes);
    EXPECT_EQ(decoded->touches, group.touches);
    ASSERT_EQ(decoded->cursors.size(), group.cursors.size());
    for (std::size_t at = 0; at < group.cursors.size(); ++at) {
      expect_same_cursor(decoded->cursors[at], group.cursors[at]);
    }
    EXPECT_EQ(decoded->totals.teams, group.totals.teams);
    EXPECT_EQ(decoded->totals.profiles, group.totals.profiles);
    EXPECT_EQ(decoded->totals.hosts, group.totals.hosts);
    EXPECT_EQ(decoded->totals.rows, group.totals.rows);
    EXPECT_EQ(decoded->totals.due, group.totals.due);
    EXPECT_EQ(decoded->totals.outbox, group.totals.outbox);
    EXPECT_EQ(decoded->next_outbox, group.next_outbox);
    EXPECT_EQ(decoded->changes, group.changes);
    expect_same_sums(decoded->digest, group.digest);
  }
}

TEST_F(SmallRecords, GroupsRefuseDamage) {
  const std::string key = group_key(12);
  const std::string sealed = encode_group(key, random_group());
  test::expect_damage_refused(
      sealed, [&](std::string_view bytes) { return decode_group(key, bytes).ok(); });
  EXPECT_FALSE(decode_group(group_key(13), sealed).ok());
}

/// Behind a right checksum: what was made up, or written by a program with a fault.
TEST_F(SmallRecords, VectorsThatStandAskewAreRefused) {
  const auto expect = [](codec::RecordKind kind, std::string_view key, const std::string& sealed,
                         int field, std::size_t element_bytes, const test::Accepts& accepts) {
    for (const bool askew : {false, true}) {
      const std::string moved =
          test::with_vector_moved(kind, key, sealed, field, element_bytes, askew);
      EXPECT_EQ(accepts(moved), !askew) << "kind " << static_cast<int>(kind) << " field " << field;
    }
  };
  const std::string group = group_key(7);
  GroupRecord record = random_group();
  record.digest.restore(kTimesDigest, 1);
  const auto accepts_group = [&](std::string_view bytes) {
    return decode_group(group, bytes).ok();
  };
  expect(codec::RecordKind::kGroup, group, encode_group(group, record), 12, sizeof(fb::DigestDelta),
         accepts_group);
  Committed committed = random_committed();
  committed.totals.teams[1] = {1, 2, 3, 4, 5};
  committed.totals.profiles[core::ProfileNumber{1}] = {1, 2, 3, 4, 5};
  const auto accepts_state = [](std::string_view bytes) {
    Committed decoded;
    return decode_state_page(bytes, decoded).ok();
  };
  for (const int field : {7, 8, 12}) {
    const std::size_t bytes = field == 12 ? sizeof(fb::FamilyDigest) : sizeof(fb::Counts);
    expect(codec::RecordKind::kStatePage, kStatePageKey, encode_state_page(committed), field, bytes,
           accepts_state);
  }
  HostTimes::Page page{};
  const std::string times = times_page_key(9);
  expect(codec::RecordKind::kTimesPage, times, encode_times_page(times, page), 0,
         sizeof(fb::HostTimes),
         [&](std::string_view bytes) { return decode_times_page(times, bytes, page).ok(); });
  const core::TakenStatements taken(Timestamp{1}, {{Timestamp{2}, 3}}, Timestamp{4}, {5, 6});
  for (const int field : {1, 3}) {
    const std::size_t bytes = field == 1 ? sizeof(fb::TakenStatement) : sizeof(std::uint64_t);
    expect(codec::RecordKind::kStatements, "holder", encode_statements("holder", taken), field,
           bytes, [](std::string_view sealed) { return decode_statements("holder", sealed).ok(); });
  }
}

TEST_F(SmallRecords, GroupsRefuseTouchesThatCannotBeRead) {
  flatbuffers::FlatBufferBuilder builder;
  const auto touches = builder.CreateVector(std::vector<std::uint8_t>{2, 0, 0, 0});
  fb::GroupBuilder group(builder);
  group.add_touches(touches);
  builder.Finish(group.Finish());
  const std::string key = group_key(1);
  const auto decoded = decode_group(key, codec::seal(codec::RecordKind::kGroup, key, builder));
  ASSERT_FALSE(decoded.ok());
  EXPECT_NE(decoded.status().message().find("touches"), std::string::npos);
}

TEST_F(SmallRecords, StatePagesRoundTrip) {
  for (int i = 0; i < 1'000; ++i) {
    const Committed committed = random_committed();
    Committed decoded;
    const Status status = decode_state_page(encode_state_page(committed), decoded);
    ASSERT_TRUE(status.ok()) << status.to_string();
    EXPECT_EQ(decoded.group, committed.group);
    EXPECT_EQ(decoded.folded_through, committed.group);
    EXPECT_EQ(decoded.sequence, committed.sequence);
    EXPECT_EQ(decoded.next_ordinal, committed.next_ordinal);
    EXPECT_EQ(decoded.next_command, committed.next_command);
    EXPECT_EQ(decoded.passes, committed.passes);
    EXPECT_EQ(decoded.largest_group, committed.largest_group);
    EXPECT_TRUE(decoded.totals == committed.totals);
    EXPECT_EQ(decoded.next_outbox, committed.next_outbox);
    EXPECT_EQ(decoded.changes, committed.changes);
    ASSERT_EQ(decoded.cursors.size(), committed.cursors.size());
    for (const auto& [source, cursor] : committed.cursors) {
      expect_same_cursor(decoded.cursors.at(source), cursor);
    }
    expect_same_sums(decoded.digest, committed.digest);
  }
}

TEST_F(SmallRecords, StatePagesRefuseDamage) {
  test::expect_damage_refused(encode_state_page(random_committed()), [](std::string_view bytes) {
    Committed decoded;
    return decode_state_page(bytes, decoded).ok();
  });
}

TEST_F(SmallRecords, TimesPagesRoundTripAndRefuseDamage) {
  HostTimes::Page page{};
  for (TimesEntry& entry : page) entry = {random_.signed_number(), random_.signed_number()};
  const std::string key = times_page_key(9);
  const std::string sealed = encode_times_page(key, page);
  HostTimes::Page decoded{};
  ASSERT_TRUE(decode_times_page(key, sealed, decoded).ok());
  EXPECT_EQ(decoded, page);
  test::expect_damage_refused(
      sealed, [&](std::string_view bytes) { return decode_times_page(key, bytes, decoded).ok(); },
      2'000);
  EXPECT_FALSE(decode_times_page(times_page_key(8), sealed, decoded).ok());
}

TEST_F(SmallRecords, TimesPagesHoldOneSizeOnly) {
  for (const std::size_t size : {std::size_t{0}, kTimesPerPage - 1, kTimesPerPage + 1}) {
    flatbuffers::FlatBufferBuilder builder;
    const auto times = builder.CreateVectorOfStructs(std::vector<fb::HostTimes>(size));
    builder.Finish(fb::CreateTimesPage(builder, times));
    const std::string key = times_page_key(0);
    HostTimes::Page page{};
    const Status status =
        decode_times_page(key, codec::seal(codec::RecordKind::kTimesPage, key, builder), page);
    EXPECT_EQ(status.code(), StatusCode::kCorruption) << size;
  }
}

TEST_F(SmallRecords, FormatRoundTripsAndRefusesDamage) {
  const std::string sealed = encode_format({0xABCDEF01, "an id"});
  const auto decoded = decode_format(sealed);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->version, 0xABCDEF01);
  EXPECT_EQ(decoded->store_id, "an id");
  test::expect_damage_refused(sealed,
                              [](std::string_view bytes) { return decode_format(bytes).ok(); });
  EXPECT_FALSE(decode_format(encode_policy(Policy())).ok());
}

TEST_F(SmallRecords, PoliciesRoundTripAndRefuseDamage) {
  for (int i = 0; i < 500; ++i) {
    Policy policy;
    policy.max_retries_apple = static_cast<int>(random_.below(kRetriesMax + 1));
    policy.grace_seconds = static_cast<std::int64_t>(random_.below(kPolicySecondsMax + 1));
    policy.user_channel_wait_seconds =
        static_cast<std::int64_t>(random_.below(kPolicySecondsMax + 1));
    policy.late_results = random_.chance(50) ? LateResults::kUpstream : LateResults::kIgnoreStale;
    policy.macos_only_profile_names.clear();
    while (random_.chance(60)) policy.macos_only_profile_names.push_back(random_.text());
    const auto decoded = decode_policy(encode_policy(policy));
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(*decoded, policy);
  }
  test::expect_damage_refused(encode_policy(Policy()),
                              [](std::string_view bytes) { return decode_policy(bytes).ok(); });
}

TEST_F(SmallRecords, PoliciesOutOfRangeAreRefused) {
  std::vector<Policy> wrong(6);
  wrong[0].max_retries_apple = 255;
  wrong[1].grace_seconds = -1;
  wrong[2].grace_seconds = kPolicySecondsMax + 1;
  wrong[3].user_channel_wait_seconds = -1;
  wrong[4].user_channel_wait_seconds = kPolicySecondsMax + 1;
  wrong[5].late_results = LateResults{};
  for (const Policy& policy : wrong) {
    const auto decoded = decode_policy(encode_policy(policy));
    ASSERT_FALSE(decoded.ok()) << to_string(policy);
    EXPECT_NE(decoded.status().message().find("family meta, policy"), std::string::npos);
  }
}

TEST_F(SmallRecords, FanOutsRoundTripAndRefuseDamage) {
  const FanOutRecord record{random_.number(),
                            random_.text(400),
                            random_.id(),
                            random_.number(),
                            core::ProfileNumber{random_.number32()},
                            core::CommandNumber{random_.number()}};
  const auto decoded = decode_fan_out(encode_fan_out(record));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->sequence, record.sequence);
  EXPECT_EQ(decoded->event, record.event);
  EXPECT_EQ(decoded->source, record.source);
  EXPECT_EQ(decoded->number, record.number);
  EXPECT_EQ(decoded->profile, record.profile);
  EXPECT_EQ(decoded->command, record.command);
  test::expect_damage_refused(encode_fan_out(record),
                              [](std::string_view bytes) { return decode_fan_out(bytes).ok(); });
}

TEST_F(SmallRecords, ProgressRoundTripsAndRefusesDamage) {
  for (int phase = 0; phase < 256; ++phase) {
    const FanOutProgress progress{static_cast<FanOutPhase>(phase), random_.text() + '\0' + "\xFF"};
    const auto decoded = decode_progress(encode_progress(progress));
    ASSERT_EQ(decoded.ok(), phase >= 1 && phase <= 6) << phase;
    if (!decoded.ok()) continue;
    EXPECT_EQ(decoded->phase, progress.phase);
    EXPECT_EQ(decoded->last_key, progress.last_key);
  }
  test::expect_damage_refused(encode_progress({FanOutPhase::kDueLater, "a key"}),
                              [](std::string_view bytes) { return decode_progress(bytes).ok(); });
}

}  // namespace
}  // namespace muster::store
