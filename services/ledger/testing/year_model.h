#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "smederij/ledger/v1/books.pb.h"

namespace smederij::ledger {

// The budgets of one district, a year each, all of which are over: whatever is posted goes to
// December, until that is closed. Besides the general ones some of which the money is conditional.
struct YearModel {
  using Key = std::pair<int, std::string>;  // Kind and reference.
  enum class Period { kOpen, kClosing, kClosed };
  struct Closing {
    int period = 0;
    std::string by;
    bool decided = false;
  };
  struct Budget {
    int year = 0;
    std::string fund = "general";
    bool conditional = false, overdue = false;  // Past the day of its condition.
    bool carried = false, closed = false;
    int64_t entries = 0;
    std::map<Key, int64_t> accounts;
    std::map<std::string, int64_t> decided;  // By the council, of each source.
    bool indexed = false;
    std::map<std::string, std::string> commitments;  // Open ones, and their plans.
    std::map<std::string, std::string> payments;     // At the bank, and their commitments.
    std::map<std::string, std::string> advances;     // Not accounted for, and their commitments.
    std::array<Period, 12> periods = {};
    std::map<std::string, Closing> closings;

    int64_t Held(const Key& key) const {
      const auto found = accounts.find(key);
      return found == accounts.end() ? 0 : found->second;
    }
    // Of each source: promised, come over, less gone over.
    std::map<std::string, int64_t> Left() const {
      std::map<std::string, int64_t> left;
      for (const auto& [key, cents] : accounts) {
        if (key.first == 1 || key.first == 8 || key.first == 9) left[key.second] -= cents;
      }
      return left;
    }
  };
  // Of money, to next year's budget when there is one, or back to its source.
  struct Handover {
    std::string from, to = "";
    std::set<std::string> plans = {};
    v1::CarryOver::Rest rest = {};
    bool unmet = false;
    std::pair<int64_t, int64_t> amounts = {};  // Carried, and returned.
    std::string by = "";
    bool decided = false;
  };
  std::map<std::string, Budget> budgets;
  std::map<std::string, Handover> handovers;

  // What every entry has to pass.
  std::string Takes(const std::string& id) const {
    const auto found = budgets.find(id);
    if (found == budgets.end()) return "BUDGET_NOT_FOUND";
    if (found->second.carried || found->second.closed) return "BUDGET_CLOSED";
    return found->second.periods[11] == Period::kOpen ? "" : "PERIOD_CLOSED";
  }
  bool Follow(const std::string& from, const std::string& to) {
    return budgets[to].year == budgets[from].year + 1 && budgets[to].fund == budgets[from].fund;
  }

  // A sum over the sources as `left` is, and off it: rounded down, and a cent more to who lost most
  // by that. Small amounts: no wide integers on this side.
  static std::map<std::string, int64_t> Shared(int64_t sum, std::map<std::string, int64_t>& left) {
    std::map<std::string, int64_t> parts, lost;
    int64_t whole = 0, given = 0;
    for (const auto& [source, cents] : left) whole += cents;
    for (const auto& [source, cents] : left) {
      if (whole == 0 || sum == 0) continue;
      parts[source] = sum * cents / whole;
      lost[source] = sum * cents % whole;
      given += parts[source];
    }
    for (; given < sum; ++given) {
      std::string most;
      for (const auto& [source, rest] : lost) {
        if (most.empty() || rest > lost[most]) most = source;
      }
      ++parts[most];
      lost[most] = -1;
    }
    for (const auto& [source, cents] : parts) left[source] -= cents;
    return parts;
  }
  // From what is available, first for what came over.
  void GiveBack(const std::string& id, const std::map<std::string, int64_t>& parts) {
    for (const auto& [source, cents] : parts) {
      const int64_t came_over = std::min(cents, -budgets[id].Held({9, source}));
      if (came_over > 0) Move(id, {2, ""}, {9, source}, came_over);
      if (cents > came_over) Move(id, {2, ""}, {1, source}, cents - came_over);
    }
  }

  // Gives back to its sources all that is available.
  std::string Return(const std::string& id, bool unmet) {
    if (std::string refused = Takes(id); !refused.empty()) return refused;
    Budget& book = budgets[id];
    if (!book.conditional) return "NOT_CONDITIONAL";
    bool in_use = false;
    for (const auto& [key, cents] : book.accounts) {
      in_use |= key.first == 4 || (key.first == 3 && cents > 0);
    }
    if (!book.overdue && (!unmet || in_use)) return "CONDITION_PENDING";
    const int64_t left = book.Held({2, ""});
    if (left == 0) return "";
    auto sources = book.Left();
    GiveBack(id, Shared(left, sources));
    ++book.entries;
    return "";
  }

  std::string ReleasePot(const std::string& id, const std::string& round) const {
    const auto found = budgets.find(id);
    const bool held = found != budgets.end() && found->second.accounts.contains({3, round});
    // An empty one asks nothing of the books, which may be closed.
    if (held && found->second.Held({3, round}) == 0) return "";
    if (std::string refused = Takes(id); !refused.empty()) return refused;
    return held ? "" : "POT_NOT_FOUND";
  }
  void Move(const std::string& id, const Key& from, const Key& to, int64_t cents) {
    budgets[id].accounts[from] -= cents;
    budgets[id].accounts[to] += cents;
  }

  std::string Carry(const std::string& from, const std::string& to, std::set<std::string> plans,
                    v1::CarryOver::Rest rest) {
    for (const std::string& id : {from, to}) {
      if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    }
    if (!Follow(from, to)) return "BUDGETS_DO_NOT_FOLLOW";
    if (std::string refused = Takes(from); !refused.empty()) return refused;
    const bool whole = plans.empty(), lapses = whole && rest == v1::CarryOver::REST_LAPSE;
    const std::string next_refuses = Takes(to);
    if (!lapses && !next_refuses.empty()) return next_refuses;
    Budget& book = budgets[from];
    std::set<std::string> all;
    for (const auto& [key, cents] : book.accounts) {
      if (key.first == 4) all.insert(key.second);
    }
    for (const auto& [commitment, plan] : book.commitments) all.insert(plan);
    for (const std::string& plan : plans) {
      if (!all.contains(plan)) return "AWARD_NOT_FOUND";
    }
    if (whole) plans = all;
    for (const auto& [payment, commitment] : book.payments) {
      if (plans.contains(book.commitments[commitment])) return "PAYMENTS_OPEN";
    }
    for (const auto& [payment, commitment] : book.advances) {
      if (plans.contains(book.commitments[commitment])) return "ADVANCES_OPEN";
    }
    const int64_t left = book.Held({2, ""});
    for (const auto& [key, cents] : book.accounts) {
      if (whole && key.first == 3 && cents > 0) return "POT_HELD";
    }
    std::vector<std::pair<Key, int64_t>> carried;
    for (const std::string& plan : plans) carried.push_back({{4, plan}, book.Held({4, plan})});
    for (const auto& [commitment, plan] : book.commitments) {
      if (plans.contains(plan)) carried.push_back({{5, commitment}, book.Held({5, commitment})});
    }
    if (whole && rest == v1::CarryOver::REST_CARRY) carried.push_back({{2, ""}, left});
    bool any = false;
    int64_t goes_over = 0;
    for (const auto& [key, cents] : carried) goes_over += cents;
    if (goes_over > 0 && !next_refuses.empty()) return next_refuses;
    auto sources = book.Left();
    const auto over = Shared(goes_over, sources);
    const auto back = Shared(lapses ? left : 0, sources);
    for (const auto& [source, cents] : over) {
      book.accounts[{8, source}] += cents;
      budgets[to].accounts[{9, source}] -= cents;
    }
    for (const auto& [key, cents] : carried) {
      if (cents == 0) continue;
      book.accounts[key] -= cents;
      budgets[to].accounts[key] += cents;
      if (key.first == 5) {
        ++book.entries;
        ++budgets[to].entries;
        budgets[to].commitments[key.second] = book.commitments[key.second];
      } else {
        any = true;
      }
    }
    if (any) ++budgets[to].entries;
    GiveBack(from, back);
    any |= !back.empty();
    if (any) ++book.entries;
    std::erase_if(book.commitments, [&](const auto& of) { return plans.contains(of.second); });
    book.carried = whole;
    return "";
  }

  std::string HandOver(const Handover& over) {
    return over.to.empty() ? Return(over.from, over.unmet)
                           : Carry(over.from, over.to, over.plans, over.rest);
  }
  // What a handover comes to now, and whether it does anything; or why it may not be.
  std::string Dry(Handover& over, bool& empty) const {
    YearModel after = *this;
    if (std::string refused = after.HandOver(over); !refused.empty()) return refused;
    const Budget &was = budgets.at(over.from), &is = after.budgets.at(over.from);
    over.amounts = {};
    for (const auto& [key, cents] : is.accounts) {
      if (key.first == 8) over.amounts.first += cents - was.Held(key);
      if (key.first == 1 || key.first == 9) over.amounts.second += cents - was.Held(key);
    }
    empty = is.accounts == was.accounts && is.commitments == was.commitments && !is.carried;
    return "";
  }
  std::string ProposeHandover(Handover& over) const {
    bool empty = false;
    if (std::string refused = Dry(over, empty); !refused.empty()) return refused;
    if (empty) return "NOTHING_TO_HAND_OVER";
    for (const auto& [id, other] : handovers) {
      if (other.from == over.from && !other.decided) return "HANDOVER_PENDING";
    }
    return "";
  }
  std::string DecideHandover(const std::string& budget, const std::string& id, bool accept,
                             const std::string& who, int64_t limit) {
    if (budgets.at(budget).closed) return "BUDGET_CLOSED";
    const auto found = handovers.find(id);
    if (found == handovers.end()) return "HANDOVER_NOT_FOUND";
    Handover& over = found->second;
    if (over.decided) return "HANDOVER_DECIDED";
    if (accept) {
      if (over.by == who) return "SELF_APPROVAL";
      if (over.amounts.first + over.amounts.second > limit) return "AMOUNT_OVER_LIMIT";
      Handover now = over;
      bool empty = false;
      if (std::string refused = Dry(now, empty); !refused.empty()) return refused;
      if (now.amounts != over.amounts) return "HANDOVER_DIFFERS";
      HandOver(over);
    }
    over.decided = true;
    return "";
  }

  // Appropriates again, at a rate in hundredths of a percent.
  std::string Index(const std::string& from, const std::string& to, int64_t rate) {
    for (const std::string& id : {from, to}) {
      if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    }
    if (!Follow(from, to)) return "BUDGETS_DO_NOT_FOLLOW";
    if (std::string refused = Takes(to); !refused.empty()) return refused;
    if (budgets[to].indexed) return "ALREADY_INDEXED";
    std::map<std::string, int64_t> given;  // Small amounts: no wide integers on this side.
    for (const auto& [source, cents] : budgets[from].decided) {
      const int64_t indexed = (cents * (10'000 + rate) + 5'000) / 10'000;
      if (indexed > 0) given[source] = indexed;
    }
    if (given.empty()) return "NOTHING_TO_INDEX";
    for (const auto& [source, cents] : given) {
      Move(to, {1, source}, {2, ""}, cents);
      budgets[to].decided[source] += cents;
    }
    budgets[to].indexed = true;
    ++budgets[to].entries;
    return "";
  }

  std::string ProposeClosing(const std::string& id, int period, int64_t seq, bool right) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& book = budgets[id];
    if (book.closed) return "BUDGET_CLOSED";
    const auto at = static_cast<size_t>(period - 1);
    if (book.periods[at] == Period::kClosed) return "PERIOD_CLOSED";
    if (book.periods[at] == Period::kClosing) return "CLOSING_PENDING";
    for (size_t i = 0; i < at; ++i) {
      if (book.periods[i] != Period::kClosed) return "EARLIER_PERIOD_OPEN";
    }
    if (period == 12 && !book.carried) return "BUDGET_NOT_CARRIED";
    if (seq != book.entries) return "SEQ_DIFFERS";
    // What is at the bank was told in December, and holds no other month.
    return right ? "" : "HASH_MISMATCH";
  }

  std::string DecideClosing(const std::string& id, const std::string& closing, bool accept,
                            const std::string& who) {
    Budget& book = budgets[id];
    if (book.closed) return "BUDGET_CLOSED";
    const auto found = book.closings.find(closing);
    if (found == book.closings.end()) return "CLOSING_NOT_FOUND";
    if (found->second.decided) return "CLOSING_DECIDED";
    if (accept && found->second.by == who) return "SELF_APPROVAL";
    found->second.decided = true;
    book.periods[static_cast<size_t>(found->second.period - 1)] =
        accept ? Period::kClosed : Period::kOpen;
    if (accept) ++book.entries;
    return "";
  }

  std::string CloseBudget(const std::string& id) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& book = budgets[id];
    if (book.closed) return "BUDGET_CLOSED";
    if (!book.carried) return "BUDGET_NOT_CARRIED";
    for (const Period period : book.periods) {
      if (period != Period::kClosed) return "PERIOD_OPEN";
    }
    book.closed = true;
    return "";
  }
};

}  // namespace smederij::ledger
