// backup, verify, restore.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "muster/backup.h"
#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

struct BackupSettings {
  std::filesystem::path folder;
  std::size_t keep = 0;
};

struct RestoreSettings {
  std::filesystem::path folder;
  std::uint32_t id = 0;
  bool replace = false;
};

Timestamp made_at(const Backup& backup) {
  return Timestamp{backup.made_at * 1'000'000};
}

/// Of one that is damaged in its list only the number is known.
Json backup_json(const Backup& backup) {
  if (backup.damaged) {
    return {{"id", backup.id},     {"made_at", nullptr}, {"store_id", nullptr},
            {"sequence", nullptr}, {"bytes", nullptr},   {"files", nullptr}};
  }
  return {{"id", backup.id},
          {"made_at", time_json(made_at(backup))},
          {"store_id", backup.store_id},
          {"sequence", backup.sequence},
          {"bytes", backup.bytes},
          {"files", backup.files}};
}

std::string words(const Backup& backup) {
  return fmt::format("backup {} of {}: {} events, {} bytes in {} files", backup.id,
                     to_string(made_at(backup)), grouped(backup.sequence), grouped(backup.bytes),
                     grouped(backup.files));
}

int run_backup(const BackupSettings& settings, Invocation& invocation) {
  Result<Store> store = open_for_writing(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  const Result<Backup> backup = store->backup(settings.folder);
  if (!backup.ok()) return fail(invocation, backup.status());
  if (Status closed = store->close(); !closed.ok()) return fail(invocation, closed);
  std::size_t deleted = 0;
  if (settings.keep > 0) {
    const Result<std::size_t> old = delete_old_backups(settings.folder, settings.keep);
    if (!old.ok()) return fail(invocation, old.status());
    deleted = *old;
  }
  std::ostream& out = invocation.streams.out;
  if (invocation.output == Output::kJson) {
    Json document = backup_json(*backup);
    document["deleted"] = deleted;
    print_json(out, document);
    return kExitFine;
  }
  out << words(*backup) << ", verified\n";
  if (deleted > 0) out << "deleted: " << grouped(deleted) << " older\n";
  return kExitFine;
}

/// All backups of the folder, or the one that was named: how each was found.
int run_verify(const RestoreSettings& settings, Invocation& invocation) {
  Result<std::vector<Backup>> backups = list_backups(settings.folder);
  if (!backups.ok()) return fail(invocation, backups.status());
  Table table({{"backup", Align::kRight},
               {"made"},
               {"events", Align::kRight},
               {"bytes", Align::kRight},
               {"found"}});
  Json found = Json::array();
  Status first_damage;
  std::size_t looked_at = 0;
  for (const Backup& backup : *backups) {
    if (settings.id != 0 && backup.id != settings.id) continue;
    ++looked_at;
    const Status status = verify_backup(settings.folder, backup.id).status();
    if (!status.ok() && first_damage.ok()) first_damage = status;
    table.add({std::uint64_t{backup.id}, backup.damaged ? "" : to_string(made_at(backup)),
               backup.damaged ? Cell("") : Cell(backup.sequence),
               backup.damaged ? Cell("") : Cell(backup.bytes),
               status.ok() ? Cell("whole", Tone::kGreen) : Cell("damaged", Tone::kRed)});
    Json one = backup_json(backup);
    one["whole"] = status.ok();
    found.push_back(std::move(one));
  }
  if (looked_at == 0) return fail(invocation, verify_backup(settings.folder, settings.id).status());
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, {{"backups", std::move(found)}});
  } else {
    table.print(invocation.streams.out, invocation.streams.colour);
  }
  return first_damage.ok() ? kExitFine : fail(invocation, first_damage);
}

int run_restore(const RestoreSettings& settings, Invocation& invocation) {
  RestoreOptions options;
  options.folder = settings.folder;
  options.id = settings.id;
  options.store = invocation.db;
  options.replace = settings.replace;
  std::error_code error;
  const bool replaces = std::filesystem::exists(invocation.db, error);
  const Result<StoreStats> restored = restore_backup(options);
  if (!restored.ok()) return fail(invocation, restored.status());
  std::ostream& out = invocation.streams.out;
  if (invocation.output == Output::kJson) {
    print_json(out, {{"store_id", restored->store_id},
                     {"sequence", restored->sequence},
                     {"hosts", restored->hosts},
                     {"rows", restored->rows},
                     {"findings", 0}});
    return kExitFine;
  }
  out << fmt::format("restored {}: {} events, {} hosts, {} rows; every record read, no findings\n",
                     invocation.db.string(), grouped(restored->sequence), grouped(restored->hosts),
                     grouped(restored->rows));
  if (replaces) {
    out << "what stood there, with its recorder's segments, is beside it: its name and .replaced\n";
  }
  return kExitFine;
}

void add_folder(CLI::App& command, std::filesystem::path& folder) {
  command.add_option("FOLDER", folder, "The folder of the backups")->required()->type_name("");
}

void add_id(CLI::App& command, std::uint32_t& id, const std::string& otherwise) {
  command.add_option("--backup", id, "Which one; " + otherwise)
      ->check(CLI::Range(1U, UINT32_MAX).description(""))
      ->type_name("N");
}

}  // namespace

void add_backup(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<BackupSettings>();
  CLI::App& command = add_command(
      app, invocation, "backup",
      "Copy the store into a folder of backups; what did not change is not copied again.",
      [settings](Invocation& called) { return run_backup(*settings, called); });
  add_folder(command, settings->folder);
  command.add_option("--keep", settings->keep, "Delete all but the newest N backups then")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}).description(""))
      ->type_name("N");
}

void add_verify(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<RestoreSettings>();
  CLI::App& command =
      add_free_command(app, invocation, "verify",
                       "Read every file of the backups of a folder and compare checksums.",
                       [settings](Invocation& called) { return run_verify(*settings, called); });
  add_folder(command, settings->folder);
  add_id(command, settings->id, "all where none is named");
  add_output(command, invocation);
}

void add_restore(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<RestoreSettings>();
  CLI::App& command = add_command(
      app, invocation, "restore",
      "Make a store out of a backup: verified, copied, checked, and only then given its name.",
      [settings](Invocation& called) { return run_restore(*settings, called); });
  add_folder(command, settings->folder);
  add_id(command, settings->id, "the newest where none is named");
  command.add_flag("--replace", settings->replace,
                   "Take the place of the store at --db, which stays as DB.replaced");
}

}  // namespace muster::tool
