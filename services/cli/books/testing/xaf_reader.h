#pragma once

#include <expat.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace smederij::cli {

// Reads an auditfile with a parser that is not ours, into what a test asks of it: every text by its
// path, in order, and the names of elements inside each other as they came.
class XafReader {
 public:
  explicit XafReader(const std::string& xml) {
    XML_Parser parser = XML_ParserCreateNS("UTF-8", '|');
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &XafReader::Start, &XafReader::End);
    XML_SetCharacterDataHandler(parser, &XafReader::Text);
    well_formed_ = XML_Parse(parser, xml.data(), static_cast<int>(xml.size()), 1) == XML_STATUS_OK;
    if (!well_formed_) mistake_ = XML_ErrorString(XML_GetErrorCode(parser));
    XML_ParserFree(parser);
  }

  bool well_formed() const { return well_formed_; }
  const std::string& mistake() const { return mistake_; }
  // Of "company/transactions/totalDebit", below auditfile.
  const std::vector<std::string>& At(const std::string& path) { return texts_[path]; }
  const std::map<std::string, std::vector<std::string>>& texts() const { return texts_; }
  // The children of each element of a path, joined with spaces.
  const std::vector<std::string>& ChildrenOf(const std::string& path) { return children_[path]; }
  bool only_the_namespace() const { return only_namespace_; }

  // What the lines of the transactions come to: credit minus debit, by account.
  std::map<std::string, int64_t> Balances() {
    std::map<std::string, int64_t> balances;
    const std::string line = "company/transactions/journal/transaction/trLine/";
    for (const std::string& account : At("company/generalLedger/ledgerAccount/accID")) {
      balances[account] = 0;
    }
    for (size_t i = 0; i < At(line + "accID").size(); ++i) {
      const std::vector<std::string> parts = absl::StrSplit(At(line + "amnt").at(i), '.');
      int64_t cents = 0;
      if (parts.size() != 2 || parts[1].size() != 2 ||
          !absl::SimpleAtoi(absl::StrCat(parts[0], parts[1]), &cents)) {
        mistake_ = "an amount is none";
      }
      balances[At(line + "accID")[i]] += At(line + "amntTp").at(i) == "C" ? cents : -cents;
    }
    return balances;
  }

 private:
  std::string Path() const {
    std::string path;
    for (size_t i = 1; i < open_.size(); ++i) absl::StrAppend(&path, i > 1 ? "/" : "", open_[i]);
    return path;
  }

  static void Start(void* self, const char* name, const char** attributes) {
    auto& reader = *static_cast<XafReader*>(self);
    const absl::string_view full(name);
    const absl::string_view space = "http://www.auditfiles.nl/XAF/3.2|";
    reader.only_namespace_ &= absl::StartsWith(full, space) && attributes[0] == nullptr;
    const std::string local(full.substr(full.rfind('|') + 1));
    if (!reader.open_.empty()) {
      std::string& siblings = reader.siblings_.back();
      absl::StrAppend(&siblings, siblings.empty() ? "" : " ", local);
    }
    reader.open_.push_back(local);
    reader.siblings_.emplace_back();
    reader.text_.clear();
  }
  static void End(void* self, const char*) {
    auto& reader = *static_cast<XafReader*>(self);
    const std::string path = reader.Path();
    if (reader.siblings_.back().empty()) {
      reader.texts_[path].push_back(reader.text_);
    } else {
      reader.children_[path].push_back(reader.siblings_.back());
    }
    reader.open_.pop_back();
    reader.siblings_.pop_back();
    reader.text_.clear();
  }
  static void Text(void* self, const char* text, int size) {
    static_cast<XafReader*>(self)->text_.append(text, static_cast<size_t>(size));
  }

  std::vector<std::string> open_{}, siblings_{};
  std::string text_{};
  std::map<std::string, std::vector<std::string>> texts_{}, children_{};
  bool well_formed_ = false, only_namespace_ = true;
  std::string mistake_{};
};

}  // namespace smederij::cli
