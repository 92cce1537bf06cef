#include "services/ledger/testing/test_ledger.h"

#include "common/pg/pool.h"
#include "services/ledger/api/books_api.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/api/payee_api.h"
#include "services/ledger/api/payment_api.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/api/spending_api.h"
#include "services/ledger/api/verifier.h"
#include "services/ledger/storage/migrations.h"

namespace smederij::ledger {

struct TestLedger::Parts {
  Parts(pg::Guard* guard, TestClock& clock)
      : database(Migrations()),
        pool({.conninfo = database.app(), .size = 4, .schema = pg::SchemaOf(Migrations())}),
        books({.conninfo = database.app(), .size = 1, .schema = pg::SchemaOf(Migrations())}),
        writer(books, guard, metrics, {}, &clock),
        sequencer(pool, nullptr, log_signer, proof_tree, metrics, &clock),
        verifier(pool, nullptr, nullptr, metrics),
        places(pool),
        api(pool, writer, places),
        spending(pool, writer, places),
        payments(pool, writer, places),
        keeping(pool, writer, places, log_signer, proof_tree),
        payees(pool, crypto::SealingKey({1, 2, 3})) {}

  void Mount(rpc::Router& router) {
    api.Mount(router);
    spending.Mount(router);
    payments.Mount(router);
    keeping.Mount(router);
    payees.Mount(router);
  }

  testing::PgDatabase database;
  pg::Pool pool, books;
  obs::Registry metrics;
  Writer writer;
  const crypto::NoteSigner log_signer = LogSigner("localhost", crypto::SigningKey::FromSeed({7}));
  ProofTree proof_tree;
  Sequencer sequencer;
  Verifier verifier;
  Places places;
  LedgerApi api;
  SpendingApi spending;
  PaymentApi payments;
  BooksApi keeping;
  PayeeApi payees;
};

TestLedger::TestLedger(pg::Guard* guard)
    : parts_(std::make_unique<Parts>(guard, clock_)),
      server_("ledger", [this](rpc::Router& router) { parts_->Mount(router); },
              {.router = {.threads = 16}}) {
  treasurer_.grants = colleague_.grants = {{.role = policy::v1::ROLE_TREASURER}};
  colleague_.municipality = treasurer_.municipality;
}
TestLedger::~TestLedger() = default;

testing::PgDatabase& TestLedger::database() { return parts_->database; }
pg::Pool& TestLedger::pool() { return parts_->pool; }
Writer& TestLedger::writer() { return parts_->writer; }
Sequencer& TestLedger::sequencer() { return parts_->sequencer; }
const crypto::NoteSigner& TestLedger::log_signer() const { return parts_->log_signer; }
Verifier& TestLedger::verifier() { return parts_->verifier; }
obs::Registry& TestLedger::metrics() { return parts_->metrics; }

std::string TestLedger::BudgetOf(int64_t cents) {
  const auto budget = Open(OpenRequest());
  CHECK(budget.ok());
  if (cents > 0) CHECK(Appropriate(AppropriateRequestOf(budget->budget_id(), cents)).ok());
  return budget->budget_id();
}

v1::Verification TestLedger::Verified(const std::string& budget_id) {
  CHECK(RequestVerification(budget_id, Treasurer()).ok());
  CHECK(verifier().RunOnce().ok());
  return *Verification(budget_id);
}

std::vector<std::string> TestLedger::Findings() {
  // Where the books are broken what they still hold may not fit the log: that is found, then.
  const absl::Status logged = sequencer().RunOnce();
  return FindingsNow();
}

std::vector<std::string> TestLedger::FindingsNow(VerifyOptions options,
                                                 ledger::Verified* verified) {
  std::vector<std::string> what;
  options.clock = &clock_;
  if (options.log_keys.empty()) options.log_keys = {log_signer().VerifierKey()};
  const auto found = [&](const Finding& finding) { what.push_back(finding.what); };
  const auto done = Verify(pool(), found, options);
  if (!done.ok()) what.push_back(done.status().ToString());
  if (done.ok() && verified != nullptr) *verified = *done;
  return what;
}

}  // namespace smederij::ledger
