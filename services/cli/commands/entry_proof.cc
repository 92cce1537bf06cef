#include "services/cli/commands/entry_proof.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/ascii.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/cli/books/entry_proof.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "services/cli/files/output.h"
#include "smederij/ledger/v1/books.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Books = v1::BooksService::Stub;

struct Options {
  DeploymentOptions deployment;
  std::string budget_id;
  int64_t seq = 0;
  std::string file;  // To write, or to check.
  std::string key;
  bool json = false;
};

absl::Status Checkpoint(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const v1::LogCheckpoint head,
                   deployment.ledger.Call(&Books::GetCheckpoint, v1::GetCheckpointRequest()));
  if (options.json) {
    std::cout << ToJson(head) << '\n';
  } else {
    std::cout << "key " << head.verifier_key() << "\n\n" << head.note();
  }
  return absl::OkStatus();
}

absl::Status Prove(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::GetEntryProofRequest request;
  request.set_budget_id(options.budget_id);
  request.set_seq(options.seq);
  ASSIGN_OR_RETURN(const v1::EntryProof proof,
                   deployment.ledger.Call(&Books::GetEntryProof, request));
  Output output(options.file);
  output.stream() << proof.proof();
  return output.Finish();
}

absl::StatusOr<std::string> ReadProof(const std::string& path) {
  constexpr size_t kBytesMax = 1 << 20;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || text.empty() || text.size() > kBytesMax) {
    return Error(kInvalidArgument, "FILE_UNREADABLE",
                 "the file cannot be read, is empty, or is larger than a proof can be");
  }
  return text;
}

absl::Status Check(const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadProof(options.file));
  ASSIGN_OR_RETURN(const ProvedEntry entry, CheckEntryProof(text, options.key));
  const std::string type(absl::AsciiStrToLower(
      v1::EntryType_IsValid(entry.type)
          ? v1::EntryType_Name(static_cast<v1::EntryType>(entry.type)).substr(11)
          : "of a type this program does not know"));
  if (options.json) {
    const nlohmann::json line = {{"budget_id", entry.budget.ToString()},
                                 {"seq", entry.seq},
                                 {"type", type},
                                 {"record_time", Instant(entry.recorded_seconds)},
                                 {"entry_hash", crypto::ToHex(entry.hash)},
                                 {"leaf_index", entry.index},
                                 {"log_size", entry.checkpoint.size},
                                 {"origin", entry.checkpoint.origin}};
    std::cout << line.dump() << '\n';
    return absl::OkStatus();
  }
  std::cout << "entry " << entry.seq << " of budget " << entry.budget.ToString() << " (" << type
            << ", recorded " << Instant(entry.recorded_seconds) << ")\n"
            << "hash " << crypto::ToHex(entry.hash) << '\n'
            << "stands at place " << entry.index << " in the log " << entry.checkpoint.origin
            << " of " << entry.checkpoint.size << " entries, signed by the key given\n";
  return absl::OkStatus();
}

}  // namespace

void AddEntryProof(CLI::App& ledger, int& exit_code) {
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) -> std::pair<CLI::App*, Options*> {
    auto options = std::make_shared<Options>();
    CLI::App* const command = ledger.add_subcommand(name, description);
    command->callback([options, run, &exit_code] {
      const absl::Status status = run(*options);
      exit_code = status.ok() ? kDone : Refuse(status, options->file);
    });
    return {command, options.get()};
  };
  {
    const auto [command, options] =
        add("checkpoint", "the newest signed head of the log of all entries", &Checkpoint);
    AddReach(*command, options->deployment);
    command->add_flag("--json", options->json, "one line of JSON");
  }
  {
    const auto [command, options] =
        add("proof", "that an entry stands in the signed log, as a file to keep", &Prove);
    AddReach(*command, options->deployment);
    command->add_option("budget", options->budget_id, "the budget's id")->required();
    command->add_option("seq", options->seq, "the entry's number")->required();
    command->add_option("--output", options->file,
                        "a file that is written, or replaced, whole; else standard output");
  }
  {
    const auto [command, options] = add(
        "check-proof",
        "checks such a file without asking anyone; ends with 0 when it holds, 1 when not", &Check);
    command->add_option("file", options->file, "the proof")->required();
    command
        ->add_option("--key", options->key,
                     "the log's key as you know it from elsewhere, name+key id+key")
        ->required();
    command->add_flag("--json", options->json, "one line of JSON");
  }
}

}  // namespace smederij::cli
