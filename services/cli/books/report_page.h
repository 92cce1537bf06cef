#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/cli/books/report_words.h"
#include "services/cli/books/year.h"
#include "services/cli/document/html_writer.h"

// Inside the year report. Not for callers of YearHtml.
namespace smederij::cli {

// What every part of the page is made with.
struct ReportPage {
  const YearReport& report;
  const Language language;
  HtmlWriter html{};

  template <class... Parts>
  std::string Say(const words::Phrase& phrase, const Parts&... parts) const {
    return words::Say(phrase, language, parts...);
  }
  // "€ 1.234,50", which does not break at the end of a line.
  std::string Money(const Year& year, int64_t cents) const;
  // A word by its name, or the name itself.
  std::string Word(absl::Span<const words::KindPhrase> known, const std::string& name) const;
};

// A plan by its title, or by its id where nobody gave it one.
std::string PlanName(const std::string& id, const Year::Plan& plan);
std::string PotName(const std::string& id, const Year::Pot& pot);

// The picture: bands from who gave, by way of pots, to plans.
void PutPicture(ReportPage& page, const Year& year);

}  // namespace smederij::cli
