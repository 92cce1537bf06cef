#pragma once

#include "absl/status/status.h"
#include "common/pg/transact.h"
#include "services/proposals/reconciler/ask.h"
#include "services/proposals/reconciler/material.h"

namespace smederij::proposals {

// What is stored of a step, inside the transaction that found it to be the next one under lock.

// A step that is done in our own database alone, or a round that ends here.
absl::Status StoreLocal(pg::Tx& tx, const Round& round, const Next& next);

// A neighbour's answer. An unsettled one may still have taught when the election closes.
absl::Status StoreAnswer(pg::Tx& tx, const Material& material, const Learned& learned);

// A refusal for people: its sentence, what it is made of, and every field it found fault with,
// since whoever mends it needs them all.
std::string WhatIsWrong(const absl::Status& refusal);

}  // namespace smederij::proposals
