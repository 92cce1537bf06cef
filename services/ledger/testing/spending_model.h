#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/ledger/domain/books.h"
#include "smederij/ledger/v1/spending.pb.h"

namespace smederij::ledger {

// The money of some budgets after its award, without hashes, batches or SQL.
struct SpendingModel {
  using State = v1::Payment::State;
  struct Commitment {
    std::string budget, plan;
    int64_t left = 0, vat = 0;
    bool closed = false;
  };
  struct Payment {
    std::string budget, commitment, invoice, requester;
    int64_t cents = 0, vat = 0;
    std::set<std::string> approvers;
    bool advance = false;
    int64_t accounted = 0, returned = 0;
    State state = v1::Payment::STATE_REQUESTED;
    bool Claims() const {
      return state == v1::Payment::STATE_REQUESTED || state == v1::Payment::STATE_APPROVED;
    }
    bool Ended() const {
      return state == v1::Payment::STATE_FAILED || state == v1::Payment::STATE_REJECTED;
    }
  };
  // What accounts for an advance: receipts, by their name and document, or money that came back.
  struct Part {
    std::string budget, payment, name, evidence;
    int64_t cents = 0, total = 0;
    bool back = false;
    int64_t seq = 0;
    bool taken_back = false;
  };
  // What somebody wants of a part.
  struct Reversal {
    std::string budget;
    size_t part = 0;
    std::string by;
    bool decided = false, accepted = false;
  };
  // Kind and reference to cents; what is not there holds nothing.
  using Accounts = std::map<std::pair<int, std::string>, int64_t>;
  std::map<std::string, Accounts> budgets;
  std::map<std::string, Commitment> commitments;
  std::map<std::string, Payment> payments;
  std::set<std::string> bank_refs;  // Of the municipality.
  std::vector<Part> parts;
  std::map<std::string, Reversal> reversals;
  int shared = 0, taken_back = 0;  // Parts of what others had a part of; parts that count no more.

  void Move(const std::string& budget, std::pair<int, std::string> from,
            std::pair<int, std::string> to, int64_t cents) {
    budgets[budget][from] -= cents;
    budgets[budget][to] += cents;
  }

  // That the bank paid, on a commitment of its own.
  void Advance(const std::string& plan, const std::string& id, const std::string& bank_ref,
               Payment payment) {
    payment.advance = true;
    payment.state = v1::Payment::STATE_ADVANCED;
    commitments[payment.commitment] = {.budget = payment.budget, .plan = plan};
    bank_refs.insert(bank_ref);
    Move(payment.budget, {4, plan}, {10, plan}, payment.cents);
    payments[id] = payment;
  }
  std::string Spend(const std::string& budget, const std::string& plan, int64_t cents) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    if (!budgets[budget].contains({4, plan})) return "AWARD_NOT_FOUND";
    return budgets[budget][{4, plan}] < cents ? "INSUFFICIENT_FUNDS" : "";
  }
  std::string Find(const std::string& budget, const std::string& commitment) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    const auto found = commitments.find(commitment);
    if (found == commitments.end() || found->second.budget != budget) {
      return "COMMITMENT_NOT_FOUND";
    }
    return found->second.closed ? "COMMITMENT_CLOSED" : "";
  }
  std::string Close(const std::string& budget, const std::string& id) {
    if (std::string refused = Find(budget, id); !refused.empty()) return refused;
    for (const auto& [payment_id, payment] : payments) {
      if (payment.commitment == id &&
          (payment.Claims() || payment.state == v1::Payment::STATE_INSTRUCTED)) {
        return "PAYMENTS_OPEN";
      }
    }
    for (const auto& [payment_id, payment] : payments) {
      if (payment.commitment == id && payment.state == v1::Payment::STATE_ADVANCED) {
        return "ADVANCES_OPEN";
      }
    }
    Commitment& commitment = commitments[id];
    commitment.closed = true;
    Move(budget, {5, id}, {4, commitment.plan}, commitment.left);
    commitment.left = 0;
    return "";
  }
  std::string Request(const std::string& budget, const std::string& commitment, int64_t cents,
                      const std::string& invoice, int64_t vat) {
    if (std::string refused = Find(budget, commitment); !refused.empty()) return refused;
    int64_t vat_left = commitments[commitment].vat;
    for (const auto& [id, payment] : payments) {  // One payee has them all.
      if (payment.invoice == invoice && !payment.Ended()) return "DUPLICATE_INVOICE";
      if (payment.commitment == commitment && !payment.Ended()) vat_left -= payment.vat;
    }
    if (Unclaimed(commitment) < cents) return "OVER_COMMITMENT";
    return vat_left < vat ? "OVER_COMMITMENT_VAT" : "";
  }
  // What every step of a payment has to pass.
  std::string Step(const std::string& budget, const std::string& id, State from) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    const auto found = payments.find(id);
    if (found == payments.end() || found->second.budget != budget) return "PAYMENT_NOT_FOUND";
    return found->second.state == from ? "" : "WRONG_STATE";
  }
  // What a commitment holds and no payment has asked for.
  int64_t Unclaimed(const std::string& commitment) {
    int64_t left = commitments[commitment].left;
    for (const auto& [id, payment] : payments) {
      if (payment.commitment == commitment && payment.Claims()) left -= payment.cents;
    }
    return left;
  }
  // Whether as much is left of what the part accounts by.
  std::string Fits(const Part& part) const {
    int64_t counted = 0, total = 0;
    for (const Part& other : parts) {
      if (other.taken_back || other.evidence != part.evidence) continue;
      counted += other.cents;
      total = other.total;
    }
    if (counted == 0) return "";
    if (part.cents > total - counted) return part.back ? "BANK_REFERENCE_USED" : "DOCUMENT_USED";
    return part.total != total ? "TOTAL_DIFFERS" : "";
  }
  std::string Add(const Part& part, const std::string& who, int64_t limit) {
    const std::string& budget = part.budget;
    const int64_t cents = part.cents;
    const bool back = part.back;
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    if (!back && cents > limit) return "AMOUNT_OVER_LIMIT";
    const auto found = payments.find(part.payment);
    if (found == payments.end() || found->second.budget != budget) return "PAYMENT_NOT_FOUND";
    Payment& payment = found->second;
    if (!payment.advance) return "NOT_AN_ADVANCE";
    if (payment.state != v1::Payment::STATE_ADVANCED) return "WRONG_STATE";
    if (payment.requester == who) return "SELF_APPROVAL";
    if (!back && limit < Money::kCentsMax && payment.accounted + cents > limit) {
      return "AMOUNT_OVER_LIMIT";
    }
    for (const Part& other : parts) {
      if (!back && !other.back && !other.taken_back && other.payment == part.payment &&
          other.name == part.name) {
        return "RECEIPT_USED";
      }
    }
    if (std::string refused = Fits(part); !refused.empty()) return refused;
    const int64_t owed = payment.cents - payment.accounted - payment.returned;
    if (cents > owed) return "OVER_ADVANCE";
    for (const Part& other : parts) {
      if (other.taken_back || other.evidence != part.evidence) continue;
      ++shared;
      break;
    }
    parts.push_back(part);
    (back ? payment.returned : payment.accounted) += cents;
    if (cents == owed) payment.state = v1::Payment::STATE_SETTLED;
    Commitment& commitment = commitments[payment.commitment];
    if (back) commitment.left += cents;
    Move(budget, {10, commitment.plan},
         back ? std::pair(5, payment.commitment) : std::pair(7, commitment.plan), cents);
    return "";
  }
  std::string Propose(const std::string& budget, size_t part) const {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    for (const auto& [id, reversal] : reversals) {
      if (reversal.part != part || (reversal.decided && !reversal.accepted)) continue;
      return reversal.decided ? "ALREADY_REVERSED" : "REVERSAL_PENDING";
    }
    return "";
  }
  bool Decided(const std::string& id) const {
    const auto found = reversals.find(id);
    return found == reversals.end() || found->second.decided;
  }
  std::string Decide(const std::string& budget, const std::string& id, bool accept,
                     const std::string& who) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    const auto found = reversals.find(id);
    if (found == reversals.end() || found->second.budget != budget) return "REVERSAL_NOT_FOUND";
    Reversal& reversal = found->second;
    if (reversal.decided) return "REVERSAL_DECIDED";
    Part& part = parts[reversal.part];
    Payment& payment = payments[part.payment];
    Commitment& commitment = commitments[payment.commitment];
    if (accept) {
      if (reversal.by == who || payment.requester == who) return "SELF_APPROVAL";
      if (commitment.closed) return "COMMITMENT_CLOSED";
      if (part.back && Unclaimed(payment.commitment) < part.cents) return "INSUFFICIENT_FUNDS";
      part.taken_back = reversal.accepted = true;
      ++taken_back;
      payment.state = v1::Payment::STATE_ADVANCED;
      (part.back ? payment.returned : payment.accounted) -= part.cents;
      if (part.back) commitment.left -= part.cents;
      Move(budget, part.back ? std::pair(5, payment.commitment) : std::pair(7, commitment.plan),
           {10, commitment.plan}, part.cents);
    }
    reversal.decided = true;
    return "";
  }
  std::string Approve(const std::string& budget, const std::string& id, const std::string& who,
                      int64_t limit) {
    if (std::string refused = Step(budget, id, v1::Payment::STATE_REQUESTED); !refused.empty()) {
      return refused;
    }
    Payment& payment = payments[id];
    if (payment.requester == who) return "SELF_APPROVAL";
    if (payment.approvers.contains(who)) return "ALREADY_APPROVED";
    if (payment.cents > limit) return "AMOUNT_OVER_LIMIT";
    payment.approvers.insert(who);
    const size_t needed = payment.cents > kTwoApproversAboveCents ? 2 : 1;
    if (payment.approvers.size() == needed) payment.state = v1::Payment::STATE_APPROVED;
    return "";
  }
};

}  // namespace smederij::ledger
