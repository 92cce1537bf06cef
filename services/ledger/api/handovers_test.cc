// Money leaves a budget by two people: what is proposed, and what comes of it. What moves is tested
// with carrying over (carry_test.cc) and conditions (conditions_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "common/base/error.h"
#include "services/ledger/testing/second_replica.h"
#include "services/ledger/testing/test_handovers.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Handovers, MoveNothingUntilSomebodyElseAccepts) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  const auto proposed = years.Propose(v1::CarryOver::REST_LAPSE);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->state(), v1::Handover::STATE_PROPOSED);
  EXPECT_EQ(proposed->budget_id(), years.first);
  EXPECT_EQ(proposed->carried_cents(), 700);
  EXPECT_EQ(proposed->returned_cents(), 300);
  EXPECT_EQ(proposed->proposed_by(), ledger.treasurer().subject.ToString());
  EXPECT_EQ(proposed->decided_by(), "");
  EXPECT_EQ(ledger.Get(years.first)->head_seq(), 4);
  EXPECT_EQ(ledger.Get(years.second)->head_seq(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  const auto done = ledger.DecideHandover(*proposed, true, ledger.holder());
  ASSERT_TRUE(done.ok()) << done.status();
  const v1::Handover& accepted = done->handover();
  EXPECT_EQ(accepted.state(), v1::Handover::STATE_ACCEPTED);
  EXPECT_EQ(accepted.decided_by(), ledger.holder().subject.ToString());
  EXPECT_EQ(accepted.first_seq(), 5);
  EXPECT_EQ(accepted.last_seq(), 6);
  ASSERT_EQ(done->entries_size(), 4);
  EXPECT_EQ(ledger.Get(years.first)->state(), v1::Budget::STATE_CARRIED);
  EXPECT_EQ(ledger.Get(years.first)->appropriated_cents(), 700);
  const std::string actor = "person:" + ledger.treasurer().subject.ToString();
  const std::string approver = "person:" + ledger.holder().subject.ToString();
  std::set<std::string> links;
  int entries = 0;
  for (const std::string& budget : {years.first, years.second}) {
    const auto all = ledger.Entries(budget);
    for (const v1::Entry& entry : all->entries()) {
      if (entry.type() < v1::ENTRY_TYPE_CARRY_OUT) continue;
      ++entries;
      EXPECT_EQ(entry.actor(), actor);
      EXPECT_EQ(entry.approver(), approver);
      EXPECT_EQ(entry.decision_ref(), "council 2024-1");
      links.insert(entry.link_id());
    }
  }
  EXPECT_EQ(entries, 4);
  EXPECT_EQ(links.size(), 1u);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Handovers, GiveMoneyBackByTwo) {
  OverdueMoney money;
  TestSpending& ledger = money.ledger;
  const auto proposed = ledger.ProposeHandover(money.Request(), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->carried_cents(), 0);
  EXPECT_EQ(proposed->returned_cents(), 1'000);
  EXPECT_EQ(ledger.Get(money.budget)->available_cents(), 1'000);
  const auto done = ledger.DecideHandover(*proposed, true, ledger.colleague());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(ledger.Get(money.budget)->available_cents(), 0);
  const v1::Entry entry = *ledger.Entries(money.budget)->entries().rbegin();
  EXPECT_EQ(entry.type(), v1::ENTRY_TYPE_RETURN_FUNDS);
  EXPECT_EQ(entry.approver(), "person:" + ledger.colleague().subject.ToString());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Handovers, OneThatWasRefusedMayBeProposedAgain) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  const auto first = years.Propose();
  // Who proposed it may think better of it.
  const auto refused = ledger.DecideHandover(*first, false, ledger.treasurer());
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->handover().state(), v1::Handover::STATE_REFUSED);
  EXPECT_EQ(refused->entries_size(), 0);
  EXPECT_EQ(ledger.Get(years.first)->head_seq(), 4);
  EXPECT_EQ(years.Accepted(*first), "HANDOVER_DECIDED");
  const auto second = years.Propose();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(years.Accepted(*second), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Handovers, OneOfOtherAmountsByNowIsProposedAnew) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  const auto stale = years.Propose();
  ASSERT_EQ(stale->carried_cents(), 700);
  // A pending one holds nothing up.
  ASSERT_TRUE(ledger.ReleaseAward(years.first, years.plan, 100).ok());
  const auto refused = ledger.DecideHandover(*stale, true, ledger.colleague());
  EXPECT_EQ(Reason(refused), "HANDOVER_DIFFERS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("proposed_carried_cents", "700")));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("carried_cents", "600")));
  EXPECT_EQ(ledger.Get(years.second)->head_seq(), 0);
  ASSERT_TRUE(ledger.DecideHandover(*stale, false, ledger.colleague()).ok());
  const auto anew = years.Propose();
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_EQ(years.Accepted(*anew), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// The same sum, but another part of it goes to the sources.
TEST(Handovers, WhatIsCarriedAndWhatIsReturnedAreToldApart) {
  HandoverYears years;
  const auto stale = years.Propose(v1::CarryOver::REST_LAPSE);
  ASSERT_TRUE(years.ledger.ReleaseAward(years.first, years.plan, 100).ok());
  const auto refused = years.ledger.DecideHandover(*stale, true, years.ledger.colleague());
  EXPECT_EQ(Reason(refused), "HANDOVER_DIFFERS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("proposed_returned_cents", "300")));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("returned_cents", "400")));
}

TEST(Handovers, AYearThatEndsWithNothingEndsByTwoToo) {
  HandoverYears years;
  const std::string empty = years.Opened(2022), next = years.first;
  years.second = next;
  years.first = empty;
  const auto proposed = years.Propose(v1::CarryOver::REST_CARRY);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(years.ledger.Get(empty)->state(), v1::Budget::STATE_OPEN);
  EXPECT_EQ(years.Accepted(*proposed), "");
  EXPECT_EQ(years.ledger.Get(empty)->state(), v1::Budget::STATE_CARRIED);
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(Handovers, ARepeatedRequestGetsTheFirstAnswer) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  const auto request = years.Request();
  const auto proposed = ledger.ProposeHandover(request, ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  v1::DecideHandoverRequest decide;
  decide.set_request_id(NewId());
  decide.set_budget_id(years.first);
  decide.set_handover_id(proposed->handover_id());
  decide.set_accept(true);
  const testing::From colleague = ledger.server().As(ledger.colleague());
  const auto done = ledger.server().Ask(&BooksStub::DecideHandover, decide, colleague);
  ASSERT_TRUE(done.ok()) << done.status();
  bool replayed = false;
  const auto again = ledger.ProposeHandover(request, ledger.treasurer(), &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), proposed->SerializeAsString());
  replayed = false;
  const auto decided =
      ledger.server().Ask(&BooksStub::DecideHandover, decide, colleague, &replayed);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(decided->SerializeAsString(), done->SerializeAsString());
  decide.set_accept(false);
  EXPECT_EQ(Reason(ledger.server().Ask(&BooksStub::DecideHandover, decide, colleague)),
            "REQUEST_ID_REUSED");
  EXPECT_EQ(ledger.Get(years.second)->head_seq(), 2);
}

TEST(Handovers, AreListedAsTheyWereProposedByWhoTakesPartInThem) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  std::vector<v1::Handover> proposed;
  for (int i = 0; i < 3; ++i) {
    proposed.push_back(*years.Propose());
    ASSERT_TRUE(ledger.DecideHandover(proposed.back(), i == 2, ledger.colleague()).ok());
  }
  v1::ListHandoversRequest request;
  request.set_budget_id(years.first);
  request.set_page_size(2);
  const auto page = ledger.server().Ask(&BooksStub::ListHandovers, request, ledger.Treasurer());
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->handovers_size(), 2);
  EXPECT_EQ(page->handovers(0).handover_id(), proposed[0].handover_id());
  EXPECT_EQ(page->handovers(0).state(), v1::Handover::STATE_REFUSED);
  EXPECT_EQ(page->handovers(1).carry_over().plan_ids(0), years.plan);
  request.set_page_token(page->next_page_token());
  const auto rest = ledger.server().Ask(&BooksStub::ListHandovers, request, ledger.Treasurer());
  ASSERT_EQ(rest->handovers_size(), 1);
  EXPECT_EQ(rest->handovers(0).last_seq(), 6);
  EXPECT_EQ(rest->handovers(0).carry_over().SerializeAsString(),
            proposed[2].carry_over().SerializeAsString());
  EXPECT_EQ(rest->next_page_token(), "");
  EXPECT_FALSE(ledger.server().Ask(&BooksStub::ListHandovers, request).ok());
  request.set_budget_id(years.second);
  EXPECT_EQ(Reason(ledger.server().Ask(&BooksStub::ListHandovers, request, ledger.Treasurer())),
            "BAD_PAGE");
}

// ── Two people at once, on two replicas ────────────────────────────────────────────────────────

TEST(HandoverRaces, IsDoneOnceByWhoeverComesFirst) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  SecondReplica second(ledger);
  for (int round = 0; round < 10; ++round) {
    const int64_t seq = ledger.Get(years.first)->head_seq();
    ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(years.first, 10)).ok());
    ASSERT_TRUE(ledger.Hold(HoldRequest(years.first, years.round = NewId(), 10)).ok());
    ASSERT_TRUE(
        ledger.Reserve(ReserveRequest(years.round, 1, {{years.first, 10, years.plan = NewId()}}))
            .ok());
    const v1::Handover proposed = *years.Propose();
    std::vector<std::string> reasons(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < reasons.size(); ++i) {
      threads.emplace_back([&, i] {
        v1::DecideHandoverRequest request;
        request.set_request_id(NewId());
        request.set_budget_id(proposed.budget_id());
        request.set_handover_id(proposed.handover_id());
        request.set_accept(true);
        testing::TestServer& server = i % 2 == 0 ? ledger.server() : second.server();
        const testing::Person& who = i < 2 ? ledger.colleague() : ledger.holder();
        reasons[i] = Reason(server.Ask(&BooksStub::DecideHandover, request, server.As(who)));
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::multiset<std::string> told(reasons.begin(), reasons.end());
    EXPECT_EQ(told.count(""), 1u);
    EXPECT_EQ(told.count("HANDOVER_DECIDED"), 3u);
    EXPECT_EQ(ledger.Get(years.first)->head_seq(), seq + 4);
  }
  EXPECT_EQ(ledger.Balance(years.second, v1::ACCOUNT_KIND_CARRIED_IN, years.first), -100);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(HandoverRaces, OneIsProposedAtATime) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  SecondReplica second(ledger);
  std::vector<std::string> reasons(6);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < reasons.size(); ++i) {
    threads.emplace_back([&, i] {
      testing::TestServer& server = i % 2 == 0 ? ledger.server() : second.server();
      reasons[i] = Reason(
          server.Ask(&BooksStub::ProposeHandover, years.Request(), server.As(ledger.treasurer())));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::multiset<std::string> told(reasons.begin(), reasons.end());
  EXPECT_EQ(told.count(""), 1u);
  EXPECT_EQ(told.count("HANDOVER_PENDING"), 5u);
}

}  // namespace
}  // namespace smederij::ledger
