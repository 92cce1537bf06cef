#include "services/cli/bank/camt053.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/bank/bank_day.h"

namespace smederij::cli {
namespace {

constexpr absl::string_view kNamespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
constexpr size_t kDepthMax = 64;
constexpr absl::string_view kNoReference = "NOTPROVIDED", kBooked = "BOOK";
constexpr absl::string_view kDebit = "DBIT", kCredit = "CRDT";

// An amount with its currency, as it stands.
struct Amount {
  std::string text, currency;
  bool given() const { return !text.empty(); }
};

// "12", "12.5", "12.50", "12.50000": digits, at most five decimals as the standard has it, and no
// part of a cent.
std::optional<int64_t> ParseCents(absl::string_view text) {
  constexpr size_t kWholeMax = 13, kDecimalsMax = 5;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('.', 1));
  const auto& [whole, decimals] = parts;
  const auto digits = [](absl::string_view part) {
    return std::all_of(part.begin(), part.end(),
                       [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  };
  if (whole.empty() || whole.size() > kWholeMax || decimals.size() > kDecimalsMax ||
      !digits(whole) || !digits(decimals) || (absl::StrContains(text, '.') && decimals.empty())) {
    return std::nullopt;
  }
  const std::string cents = absl::StrCat(decimals, "00000").substr(0, kDecimalsMax);
  int64_t euros = 0, part = 0;
  if (!absl::SimpleAtoi(whole, &euros) || !absl::SimpleAtoi(cents, &part) || part % 1'000 != 0) {
    return std::nullopt;
  }
  return euros * 100 + part / 1'000;
}

// A day as it stands.
struct Dated {
  std::string text;
  bool timed = false;  // With its time.
  uint64_t line = 0;
};

// One <TxDtls>.
struct Transaction {
  uint64_t line = 0;
  std::string end_to_end_id, bank_ref, direction, reason;
  Amount amount, detailed;
};

// One <Ntry>; its details may be many.
struct Entry {
  uint64_t line = 0;
  std::string direction, status;
  std::string bank_ref;
  std::string message;  // Of a batch that was booked as one.
  Dated value, booking;
  Amount amount;
  std::vector<Transaction> transactions;
};

class Parser {
 public:
  Parser(absl::TimeZone zone, absl::CivilDay today)
      : zone_(zone), today_(today), parser_(XML_ParserCreateNS(nullptr, '|')) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Parser::OnStart, &Parser::OnEnd);
    XML_SetCharacterDataHandler(parser_.get(), &Parser::OnText);
    // No document type: nothing is declared, so nothing expands.
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          static_cast<Parser*>(self)->Stop("it declares a document type");
        });
  }

  absl::StatusOr<std::vector<StatementLine>> Read(absl::string_view xml) {
    const auto outcome = XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), 1);
    if (!refusal_.ok()) return refusal_;
    if (outcome != XML_STATUS_OK) {
      return Error(kInvalidArgument, "STATEMENT_NOT_XML", "the file is not well-formed XML")
          .With("line", XML_GetCurrentLineNumber(parser_.get()));
    }
    if (!statement_) return NotCamt053();
    return std::move(lines_);
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  static absl::Status NotCamt053() {
    return Error(kInvalidArgument, "STATEMENT_NOT_CAMT053",
                 "the file is not a bank statement of the kind camt.053");
  }

  void Refuse(absl::Status status) {
    if (refusal_.ok()) refusal_ = std::move(status);
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void Stop(absl::string_view why) {
    Refuse(Error(kInvalidArgument, "STATEMENT_NOT_XML", "the file is not taken as it is")
               .With("line", XML_GetCurrentLineNumber(parser_.get()))
               .With("why", why));
  }

  static void OnStart(void* self, const XML_Char* name, const XML_Char** attributes) {
    static_cast<Parser*>(self)->Start(name, attributes);
  }
  static void OnEnd(void* self, const XML_Char*) { static_cast<Parser*>(self)->End(); }
  static void OnText(void* self, const XML_Char* text, int length) {
    static_cast<Parser*>(self)->text_.append(text, static_cast<size_t>(length));
  }

  void Start(absl::string_view name, const XML_Char** attributes) {
    const size_t bar = name.rfind('|');
    const absl::string_view space =
        bar == absl::string_view::npos ? absl::string_view() : name.substr(0, bar);
    if (!absl::StartsWith(space, kNamespace)) return Refuse(NotCamt053());
    if (path_.size() >= kDepthMax) return Stop("it is too deep");
    path_.emplace_back(name.substr(bar + 1));
    text_.clear();
    currency_.clear();
    for (; *attributes != nullptr; attributes += 2) {
      if (absl::string_view(attributes[0]) == "Ccy") currency_ = attributes[1];
    }
    const uint64_t line = XML_GetCurrentLineNumber(parser_.get());
    if (Below("Stmt/Ntry")) {
      entry_ = Entry();
      entry_.line = line;
    } else if (Below("Ntry/NtryDtls/TxDtls")) {
      entry_.transactions.emplace_back().line = line;
    }
  }

  // Whether the path of elements ends so.
  bool Below(absl::string_view end) const {
    const std::string path = absl::StrCat("/", absl::StrJoin(path_, "/"));
    return absl::EndsWith(path, absl::StrCat("/", end));
  }

  void End() {
    const std::string text(absl::StripAsciiWhitespace(text_));
    text_.clear();
    Transaction* const tx = entry_.transactions.empty() ? nullptr : &entry_.transactions.back();
    const Amount amount{.text = text, .currency = currency_};
    if (Below("BkToCstmrStmt/Stmt")) statement_ = true;
    if (Below("Ntry/Amt")) entry_.amount = amount;
    if (Below("Ntry/CdtDbtInd")) entry_.direction = text;
    if (Below("Ntry/AcctSvcrRef")) entry_.bank_ref = text;
    if (Below("NtryDtls/Btch/MsgId") && entry_.message.empty()) entry_.message = text;
    if (Below("NtryDtls/Btch/PmtInfId")) entry_.message = text;
    for (const bool timed : {false, true}) {
      const Dated day{
          .text = text, .timed = timed, .line = XML_GetCurrentLineNumber(parser_.get())};
      if (Below(timed ? "Ntry/ValDt/DtTm" : "Ntry/ValDt/Dt")) entry_.value = day;
      if (Below(timed ? "Ntry/BookgDt/DtTm" : "Ntry/BookgDt/Dt")) entry_.booking = day;
    }
    // A code of its own until version 07, an element around it since.
    if ((Below("Ntry/Sts") && !text.empty()) || Below("Ntry/Sts/Cd")) entry_.status = text;
    if (tx != nullptr) {
      if (Below("TxDtls/Refs/AcctSvcrRef")) tx->bank_ref = text;
      if (Below("TxDtls/Refs/EndToEndId")) tx->end_to_end_id = text;
      if (Below("TxDtls/Amt")) tx->amount = amount;
      if (Below("TxDtls/AmtDtls/TxAmt/Amt")) tx->detailed = amount;
      if (Below("TxDtls/CdtDbtInd")) tx->direction = text;
      if (Below("TxDtls/RtrInf/Rsn/Cd")) tx->reason = text;
    }
    if (Below("Stmt/Ntry")) Conclude();
    path_.pop_back();
  }

  void Conclude() {
    for (const Transaction& tx : entry_.transactions) {
      if (tx.end_to_end_id.empty() || tx.end_to_end_id == kNoReference) continue;
      const Amount& amount = tx.amount.given()     ? tx.amount
                             : tx.detailed.given() ? tx.detailed
                                                   : entry_.amount;
      // The entry's amount is that of all of them together.
      const bool of_all =
          !tx.amount.given() && !tx.detailed.given() && entry_.transactions.size() > 1;
      const std::string& direction = tx.direction.empty() ? entry_.direction : tx.direction;
      StatementLine line = Line(tx.line, of_all ? Amount() : amount, direction);
      line.end_to_end_id = tx.end_to_end_id;
      line.reason = tx.reason;
      line.bank_ref = tx.bank_ref;
      if (line.bank_ref.empty() && entry_.transactions.size() == 1) line.bank_ref = entry_.bank_ref;
      lines_.push_back(std::move(line));
    }
    if (!entry_.transactions.empty() || entry_.message.empty()) return;
    StatementLine whole = Line(entry_.line, entry_.amount, entry_.direction);
    whole.message_id = entry_.message;
    lines_.push_back(std::move(whole));
  }

  // What an entry says of one transaction in it, or of all together. Its direction is that in which
  // money moves, also when it takes an earlier entry back (RvslInd): a debit that is taken back is
  // a credit.
  StatementLine Line(uint64_t at, const Amount& amount, const std::string& direction) const {
    const std::optional<int64_t> cents = ParseCents(amount.text);
    const absl::StatusOr<std::string> day = DayOf(entry_);
    StatementLine line{.line = at,
                       .cents = cents.value_or(0),
                       .currency = amount.currency,
                       .debit = direction == kDebit,
                       .booked = entry_.status == kBooked,
                       .day = day.value_or("")};
    if (!cents) {
      line.mistake = NoAmount(at);
    } else if (direction != kDebit && direction != kCredit) {
      line.mistake = Error(kInvalidArgument, "STATEMENT_DIRECTION",
                           "a transaction says neither that money came nor that it went")
                         .With("line", at);
    } else {
      line.mistake = day.status();
    }
    return line;
  }

  static absl::Status NoAmount(uint64_t line) {
    return Error(kInvalidArgument, "STATEMENT_AMOUNT",
                 "a transaction has no amount that can be read")
        .With("line", line);
  }

  // When it took place, as far as it says so.
  absl::StatusOr<std::string> DayOf(const Entry& entry) const {
    ASSIGN_OR_RETURN(const std::optional<absl::CivilDay> value, Day(entry.value, "ValDt"));
    ASSIGN_OR_RETURN(const std::optional<absl::CivilDay> booking, Day(entry.booking, "BookgDt"));
    // Value may be given for a day to come; the money has moved when it was booked.
    const bool booked_first = !value || (booking && *booking < *value);
    const std::optional<absl::CivilDay> day = booked_first ? booking : value;
    if (!day) return std::string();
    if (entry.status == kBooked && booking && *booking > today_) {
      return Ahead(entry.booking, "BookgDt", *booking);
    }
    if (entry.status == kBooked && *day > today_) return Ahead(entry.value, "ValDt", *day);
    return absl::FormatCivilTime(*day);
  }

  static std::string FieldOf(const Dated& dated, absl::string_view of) {
    return absl::StrCat(of, dated.timed ? "/DtTm" : "/Dt");
  }

  // None when it is not given.
  absl::StatusOr<std::optional<absl::CivilDay>> Day(const Dated& dated,
                                                    absl::string_view of) const {
    if (dated.text.empty()) return std::nullopt;
    const std::optional<absl::CivilDay> day =
        dated.timed ? ParseIsoDateTime(dated.text, zone_) : ParseIsoDate(dated.text);
    if (day) return day;
    return Error(kInvalidArgument, "STATEMENT_DATE", "a transaction has a date that is none")
        .With("line", dated.line)
        .With("field", FieldOf(dated, of));
  }

  absl::Status Ahead(const Dated& dated, absl::string_view of, absl::CivilDay day) const {
    return Error(kInvalidArgument, "STATEMENT_DATE_AHEAD",
                 "a transaction that is final has a day that is still to come")
        .With("line", dated.line)
        .With("field", FieldOf(dated, of))
        .With("day", absl::FormatCivilTime(day))
        .With("today", absl::FormatCivilTime(today_));
  }

  const absl::TimeZone zone_;
  const absl::CivilDay today_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
  absl::Status refusal_;
  bool statement_ = false;
  std::vector<std::string> path_;
  std::string text_, currency_;
  Entry entry_;
  std::vector<StatementLine> lines_;
};

}  // namespace

absl::StatusOr<std::vector<StatementLine>> ReadCamt053(absl::string_view xml, absl::TimeZone zone,
                                                       absl::CivilDay today) {
  if (xml.size() > kStatementBytesMax) {
    return Error(kInvalidArgument, "STATEMENT_TOO_LARGE", "the statement is too large")
        .With("bytes", xml.size())
        .With("bytes_max", kStatementBytesMax);
  }
  return Parser(zone, today).Read(xml);
}

}  // namespace smederij::cli
