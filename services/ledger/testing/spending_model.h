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
    int64_t repaid = 0, repaid_vat = 0;
    State state = v1::Payment::STATE_REQUESTED;
    bool Claims() const {
      return state == v1::Payment::STATE_REQUESTED || state == v1::Payment::STATE_APPROVED;
    }
    bool Ended() const {
      return state == v1::Payment::STATE_FAILED || state == v1::Payment::STATE_REJECTED;
    }
    bool HoldsInvoice() const { return !Ended() && (advance || repaid < cents); }
  };
  // What accounts for an advance: receipts, by their name and document, or money that came back; or
  // what came back of a payment that was settled, and to where.
  struct Part {
    std::string budget, payment, name, evidence;
    int64_t cents = 0, total = 0, vat = 0;
    bool back = false, repaid = false, to_plan = false;
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
  // Parts of what others had a part of; parts that count no more; what came back, and to plans.
  int shared = 0, taken_back = 0, repaid = 0, to_plans = 0;

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
    for (const auto& [id, payment] : payments) {  // One payee has them all.
      if (payment.invoice == invoice && payment.HoldsInvoice()) return "DUPLICATE_INVOICE";
    }
    const int64_t vat_left = VatLeft(commitment);
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
  std::string Reject(const std::string& budget, const std::string& id) {
    std::string refused = Step(budget, id, v1::Payment::STATE_REQUESTED);
    if (!refused.empty()) refused = Step(budget, id, v1::Payment::STATE_APPROVED);
    if (refused.empty()) payments[id].state = v1::Payment::STATE_REJECTED;
    return refused;
  }
  std::string Instruct(const std::string& budget, const std::string& id, const std::string& ref,
                       const std::string& who) {
    if (std::string refused = Step(budget, id, v1::Payment::STATE_APPROVED); !refused.empty()) {
      return refused;
    }
    Payment& payment = payments[id];
    if (payment.requester == who) return "SELF_INSTRUCTION";
    if (!bank_refs.insert(ref).second) return "BANK_REFERENCE_USED";
    Commitment& commitment = commitments[payment.commitment];
    payment.state = v1::Payment::STATE_INSTRUCTED;
    commitment.left -= payment.cents;
    Move(budget, {5, payment.commitment}, {6, commitment.plan}, payment.cents);
    return "";
  }
  std::string Settle(const std::string& budget, const std::string& id) {
    if (std::string refused = Step(budget, id, v1::Payment::STATE_INSTRUCTED); !refused.empty()) {
      return refused;
    }
    Payment& payment = payments[id];
    const std::string& plan = commitments[payment.commitment].plan;
    payment.state = payment.advance ? v1::Payment::STATE_ADVANCED : v1::Payment::STATE_SETTLED;
    Move(budget, {6, plan}, {payment.advance ? 10 : 7, plan}, payment.cents);
    return "";
  }
  std::string Fail(const std::string& budget, const std::string& id) {
    if (std::string refused = Step(budget, id, v1::Payment::STATE_INSTRUCTED); !refused.empty()) {
      return refused;
    }
    Payment& payment = payments[id];
    Commitment& commitment = commitments[payment.commitment];
    payment.state = v1::Payment::STATE_FAILED;
    commitment.left += payment.cents;
    Move(budget, {6, commitment.plan}, {5, payment.commitment}, payment.cents);
    return "";
  }
  // What a commitment holds and no payment has asked for.
  int64_t Unclaimed(const std::string& commitment) {
    int64_t left = commitments[commitment].left;
    for (const auto& [id, payment] : payments) {
      if (payment.commitment == commitment && payment.Claims()) left -= payment.cents;
    }
    return left;
  }
  int64_t VatLeft(const std::string& commitment) {
    int64_t left = commitments[commitment].vat;
    for (const auto& [id, payment] : payments) {
      if (payment.commitment == commitment && !payment.Ended()) {
        left -= payment.vat - payment.repaid_vat;
      }
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
  std::string Repay(Part part, const std::string& who) {
    if (!budgets.contains(part.budget)) return "BUDGET_NOT_FOUND";
    const auto found = payments.find(part.payment);
    if (found == payments.end() || found->second.budget != part.budget) return "PAYMENT_NOT_FOUND";
    Payment& payment = found->second;
    if (payment.state != v1::Payment::STATE_SETTLED) return "WRONG_STATE";
    if (payment.requester == who) return "SELF_APPROVAL";
    if (std::string refused = Fits(part); !refused.empty()) return refused;
    const int64_t left = Kept(payment) - part.cents;
    if (left < 0) return "OVER_PAYMENT";
    const int64_t vat_left = payment.vat - payment.repaid_vat - part.vat;
    if (vat_left < 0 || vat_left > left) return "OVER_PAYMENT_VAT";
    Commitment& commitment = commitments[payment.commitment];
    payment.repaid += part.cents;
    payment.repaid_vat += part.vat;
    part.to_plan = commitment.closed;
    if (!part.to_plan) commitment.left += part.cents;
    Move(part.budget, {7, commitment.plan}, HasIt(part), part.cents);
    ++repaid;
    to_plans += part.to_plan;
    parts.push_back(part);
    return "";
  }
  static int64_t Kept(const Payment& payment) {
    return (payment.advance ? payment.accounted : payment.cents) - payment.repaid;
  }
  // The account that has what came back.
  std::pair<int, std::string> HasIt(const Part& part) {
    const Payment& payment = payments[part.payment];
    if (part.to_plan) return {4, commitments[payment.commitment].plan};
    return {5, payment.commitment};
  }
  // Of a part that came back after it was settled.
  std::string TakeBackRepaid(Part& part) {
    Payment& payment = payments[part.payment];
    Commitment& commitment = commitments[payment.commitment];
    const int64_t held =
        part.to_plan ? budgets[part.budget][{4, commitment.plan}] : Unclaimed(payment.commitment);
    if (held < part.cents) return "INSUFFICIENT_FUNDS";
    if (VatLeft(payment.commitment) < part.vat) return "OVER_COMMITMENT_VAT";
    for (const auto& [id, other] : payments) {
      const bool same = id != part.payment && other.invoice == payment.invoice;
      if (same && other.HoldsInvoice()) return "DUPLICATE_INVOICE";
    }
    payment.repaid -= part.cents;
    payment.repaid_vat -= part.vat;
    if (!part.to_plan) commitment.left -= part.cents;
    Move(part.budget, HasIt(part), {7, commitment.plan}, part.cents);
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
      if (commitment.closed && !part.to_plan) return "COMMITMENT_CLOSED";
      if (part.repaid) {
        if (std::string refused = TakeBackRepaid(part); !refused.empty()) return refused;
      } else if (std::string refused = TakeBackAccounted(part); !refused.empty()) {
        return refused;
      }
      part.taken_back = reversal.accepted = reversal.decided = true;
      ++taken_back;
      return "";
    }
    reversal.decided = true;
    return "";
  }
  // Of an advance, which owes it again.
  std::string TakeBackAccounted(const Part& part) {
    Payment& payment = payments[part.payment];
    Commitment& commitment = commitments[payment.commitment];
    if (part.back && Unclaimed(payment.commitment) < part.cents) return "INSUFFICIENT_FUNDS";
    if (!part.back && Kept(payment) < part.cents) return "INSUFFICIENT_FUNDS";
    payment.state = v1::Payment::STATE_ADVANCED;
    (part.back ? payment.returned : payment.accounted) -= part.cents;
    if (part.back) commitment.left -= part.cents;
    Move(part.budget, part.back ? std::pair(5, payment.commitment) : std::pair(7, commitment.plan),
         {10, commitment.plan}, part.cents);
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
