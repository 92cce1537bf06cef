#pragma once

#include "services/ledger/api/books_api.h"
#include "services/ledger/api/payment_api.h"
#include "services/ledger/api/proof_tree.h"
#include "services/ledger/api/spending_api.h"
#include "services/ledger/api/writer.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// Another replica on the same database: it shares no memory with the first, and no lock but those
// of the database.
class SecondReplica {
 public:
  explicit SecondReplica(TestSpending& first)
      : pool_({.conninfo = first.database().app(), .size = 4}),
        books_({.conninfo = first.database().app(), .size = 1}),
        writer_(books_, nullptr, metrics_, {}, &first.clock()),
        places_(pool_),
        spending_(pool_, writer_, places_),
        payments_(pool_, writer_, places_),
        keeping_(pool_, writer_, places_, first.log_signer(), proof_tree_),
        server_("ledger",
                [this](rpc::Router& router) {
                  spending_.Mount(router);
                  payments_.Mount(router);
                  keeping_.Mount(router);
                },
                {.router = {.threads = 16}}) {}

  testing::TestServer& server() { return server_; }

 private:
  pg::Pool pool_, books_;
  obs::Registry metrics_;
  Writer writer_;
  ProofTree proof_tree_;
  Places places_;
  SpendingApi spending_;
  PaymentApi payments_;
  BooksApi keeping_;
  testing::TestServer server_;
};

}  // namespace smederij::ledger
