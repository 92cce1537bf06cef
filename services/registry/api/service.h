#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/crypto/seal.h"
#include "common/obs/metrics.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "common/rpc/key_set.h"
#include "common/rpc/router.h"
#include "common/rpc/token_signer.h"
#include "services/registry/api/credential_api.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/people_api.h"
#include "services/registry/api/place_api.h"
#include "services/registry/api/polling_api.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/roll_api.h"
#include "services/registry/api/sign_in_api.h"

namespace smederij::registry {

// What registry stands on; all of it outlives the Service.
struct Foundation {
  pg::Pool& pool;
  pg::Guard* guard;  // Null only in tests.
  const rpc::KeySet& identity_keys;
  const rpc::TokenSigner& signer;
  const Clock& clock;
  obs::Registry& metrics;
};

// What lies sealed in the database lies under these.
struct SealingKeys {
  crypto::SealingKey issuer_keys;
  crypto::SealingKey particulars;
};

// The whole of registry: every RPC, and the work behind them. Outlives the server that serves it.
class Service {
 public:
  Service(const Foundation& on, const Pseudonyms& pseudonyms, SealingKeys sealing,
          SignInRules sign_in, const CredentialApi::Options& issuing)
      : database_{.pool = on.pool},
        pseudonyms_(pseudonyms),
        seal_(std::move(sealing.particulars), pseudonyms_),
        keys_(std::move(sealing.issuer_keys)),
        opener_(database_, keys_, seal_),
        places_(database_),
        people_(database_, pseudonyms_, seal_),
        sign_in_(database_, pseudonyms_, std::move(sign_in), on.identity_keys, on.signer, on.clock),
        rolls_(database_, keys_, opener_),
        credentials_(database_, keys_, pseudonyms_, on.guard, on.metrics, issuing),
        polling_(database_, pseudonyms_, seal_) {}

  void Mount(rpc::Router& router) {
    places_.Mount(router);
    people_.Mount(router);
    sign_in_.Mount(router);
    rolls_.Mount(router);
    credentials_.Mount(router);
    polling_.Mount(router);
  }

 private:
  const Database database_;
  const Pseudonyms pseudonyms_;
  const ParticularsSeal seal_;
  IssuerKeys keys_;
  RollOpener opener_;
  PlaceApi places_;
  PeopleApi people_;
  SignInApi sign_in_;
  RollApi rolls_;
  CredentialApi credentials_;
  PollingApi polling_;
};

}  // namespace smederij::registry
