// smederij-ledger serve|migrate|verify: how much.
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/key_file.h"
#include "common/config/log.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/note.h"
#include "common/crypto/seal.h"
#include "common/obs/log.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"
#include "common/service/background.h"
#include "common/service/platform.h"
#include "services/ledger/api/alarm.h"
#include "services/ledger/api/books_api.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/api/payee_api.h"
#include "services/ledger/api/payment_api.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/api/spending_api.h"
#include "services/ledger/api/verifier.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/verify.h"

ABSL_FLAG(std::string, payee_key, "",
          "file with the 32-byte key under which names and IBANs of payees lie in the database");

ABSL_FLAG(int, objection_days, smederij::ledger::kObjectionDays,
          "how long one may object to a grant decision; nothing is paid before");
ABSL_FLAG(int64_t, two_approvers_above_cents, smederij::ledger::kTwoApproversAboveCents,
          "payments of more than this many cents need two approvers");

ABSL_FLAG(int64_t, checkpoint_seconds, 60,
          "how often entries get their place in the log of all entries, and its head is signed");

ABSL_FLAG(std::vector<std::string>, log_verifier_key, {},
          "verify: the published key of the log, \"name+key id+key\", and with commas every key "
          "that signed it before: all checkpoints have to be of these, and all entries before one "
          "of them; none: what signed the log is believed");

ABSL_FLAG(
    int64_t, log_patience_seconds, 90,
    "verify: how long to wait for the service to sign on, when entries older than ten minutes "
    "are not in the signed log; then they are findings");

namespace smederij::ledger {
namespace {

constexpr int64_t kLogPatienceSecondsMax = 600;
constexpr int64_t kCheckpointSecondsMax = 300;  // Well before an entry is missed.

// The guards' names: of the books, and of the log of entries.
constexpr char kBooksGuard[] = "ledger", kLogGuard[] = "ledger-log";

constexpr absl::Duration kVerifyEvery = absl::Seconds(1);

struct Config {
  config::Common common;
  config::Guard guard;
  std::optional<crypto::SealingKey> payee_key;   // Of `serve` alone.
  std::optional<crypto::NoteSigner> log_signer;  // Of `serve` alone.
  absl::Duration checkpoint_every;
  std::vector<std::string> log_verifier_keys;
  absl::Duration log_patience;
  Rules rules;
};

Config ReadConfig(config::Source& source) {
  Config config{
      .common = config::ReadCommon(source),
      .guard = config::ReadGuard(source, {kBooksGuard, kLogGuard}),
      .payee_key = std::nullopt,
      .log_signer = std::nullopt,
      .checkpoint_every = absl::Seconds(absl::GetFlag(FLAGS_checkpoint_seconds)),
      .log_verifier_keys = absl::GetFlag(FLAGS_log_verifier_key),
      .log_patience = absl::Seconds(absl::GetFlag(FLAGS_log_patience_seconds)),
      .rules = {.two_approvers_above = Money::Cents(absl::GetFlag(FLAGS_two_approvers_above_cents)),
                .objection_days = absl::GetFlag(FLAGS_objection_days)}};
  if (config.rules.two_approvers_above < Money()) {
    source.Mistake("--two_approvers_above_cents", "must not be negative");
  }
  if (config.rules.objection_days < 0 || config.rules.objection_days > kObjectionDaysMax) {
    source.Mistake("--objection_days", absl::StrCat("must be 0 to ", kObjectionDaysMax));
  }
  if (config.checkpoint_every < absl::Seconds(1) ||
      config.checkpoint_every > absl::Seconds(kCheckpointSecondsMax)) {
    source.Mistake("--checkpoint_seconds", "must be 1 to 300");
  }
  for (const std::string& key : config.log_verifier_keys) {
    if (crypto::NoteVerifier::Parse(key).ok()) continue;
    source.Mistake("--log_verifier_key", "has a key that is not of the form name+key id+key");
  }
  if (config.log_patience < absl::ZeroDuration() ||
      config.log_patience > absl::Seconds(kLogPatienceSecondsMax)) {
    source.Mistake("--log_patience_seconds", "must be 0 to 600");
  }
  config::RequireTokens(source);
  if (source.command() == "verify" && config.common.database.empty()) {
    source.Mistake("--database", "is required");
  }
  if (source.command() == "serve") {
    config.payee_key = config::RequiredKey<crypto::SealingKey>(FLAGS_payee_key, source);
    const std::string host = config::ReadLogHost(source);
    const auto key = config::RequiredKey<crypto::SigningKey>(FLAGS_checkpoint_key, source);
    if (key) config.log_signer = LogSigner(host, *key);
  }
  return config;
}

absl::Status Serve(const Config& config) {
  ASSIGN_OR_RETURN(const auto platform,
                   service::Platform::Open("ledger", config.common, Migrations()));
  const pg::TxOptions soon{.deadline = absl::Now() + absl::Seconds(10), .read_only = true};
  ASSIGN_OR_RETURN(const pg::GuardRecord record,
                   pg::Transact(platform->pool(), soon, ReadProgress));
  ASSIGN_OR_RETURN(const auto guard, pg::Guard::Open(config.guard.directory, kBooksGuard, record,
                                                     config.guard.Adopts(kBooksGuard)));
  ASSIGN_OR_RETURN(const LogHead log, pg::Transact(platform->pool(), soon, GetLogHead));
  ASSIGN_OR_RETURN(const auto log_guard,
                   pg::Guard::Open(config.guard.directory, kLogGuard, RecordOf(log),
                                   config.guard.Adopts(kLogGuard)));
  // The writer has a connection of its own: readers who fill the pool cannot hold up the books.
  pg::Pool books({.conninfo = config.common.database,
                  .size = 1,
                  .observer = service::Observe(platform->metrics()),
                  .schema = pg::SchemaOf(Migrations())});
  Writer writer(books, guard.get(), platform->metrics(), config.rules);
  // And so has the verifier: a walk takes its time, and nobody should wait for it.
  pg::Pool audit({.conninfo = config.common.database,
                  .size = 1,
                  .observer = service::Observe(platform->metrics()),
                  .schema = pg::SchemaOf(Migrations())});
  Verifier verifier(audit, guard.get(), log_guard.get(), platform->metrics());
  pg::Pool logging({.conninfo = config.common.database,
                    .size = 1,
                    .observer = service::Observe(platform->metrics()),
                    .schema = pg::SchemaOf(Migrations())});
  ProofTree proof_tree;
  Sequencer sequencer(logging, log_guard.get(), *config.log_signer, proof_tree,
                      platform->metrics());
  service::Background sequencing("sequencing", config.checkpoint_every,
                                 [&] { return sequencer.RunOnce(); });
  sequencing.Wake();  // What a stop left; and until its tree is read nothing is proved.
  service::Background verifying("verifying", kVerifyEvery, [&] { return verifier.RunOnce(); });
  Places places(platform->pool());
  LedgerApi api(platform->pool(), writer, places, [&] { verifying.Wake(); });
  api.Mount(platform->router());
  SpendingApi spending(platform->pool(), writer, places);
  spending.Mount(platform->router());
  PaymentApi payments(platform->pool(), writer, places);
  payments.Mount(platform->router());
  BooksApi keeping(platform->pool(), writer, places, *config.log_signer, proof_tree);
  keeping.Mount(platform->router());
  PayeeApi payees(platform->pool(), *config.payee_key);
  payees.Mount(platform->router());
  return platform->Serve();
}

// Exit code 0 when every budget's books are what their entries say, 1 when they are not.
absl::Status VerifyBooks(const Config& config) {
  pg::Pool pool({.conninfo = config.common.database, .size = 1});
  // What another version entered would look wrong.
  RETURN_IF_ERROR(pg::CheckMigrated(pool, Migrations(), absl::InfiniteFuture()));
  ASSIGN_OR_RETURN(const Verified verified, Verify(pool, LogFinding,
                                                   {.log_keys = config.log_verifier_keys,
                                                    .log_patience = config.log_patience}));
  obs::Log(obs::Level::kInfo, "verified",
           {{"budgets", verified.budgets},
            {"entries", verified.entries},
            {"logged", verified.logged},
            {"not_yet_signed", verified.not_yet_signed},
            {"not_yet_logged", verified.not_yet_logged},
            {"findings", verified.findings}});
  if (verified.findings == 0) return absl::OkStatus();
  return absl::DataLossError("the books are not what their entries say");
}

int Main(int argc, char** argv) {
  rpc::PrepareProcess();
  config::Source source(argc, argv, environ, {"serve", "migrate", "verify"});
  if (source.wants_help()) return service::Help(source);
  const Config config = ReadConfig(source);
  if (!source.status().ok()) return config::Refuse(source.status());
  if (config.common.command == "migrate") return service::Migrate(config.common, Migrations());
  if (config.common.command == "verify") return service::Exit(VerifyBooks(config));
  return service::Exit(Serve(config));
}

}  // namespace
}  // namespace smederij::ledger

int main(int argc, char** argv) { return smederij::ledger::Main(argc, argv); }
