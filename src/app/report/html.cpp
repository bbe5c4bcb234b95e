#include "app/report/html.hpp"

#include "app/drawing/markup.hpp"

namespace polyak {

std::string section(std::string_view heading, const std::string& content) {
  if (content.empty()) return "";
  return element("h2", {}, escape_markup(heading)) + content;
}

std::string folded(std::string_view summary, const std::string& content) {
  return element("details", {}, element("summary", {}, escape_markup(summary)) + content);
}

std::string html_table(const std::vector<std::vector<std::string>>& rows) {
  std::string lines = "\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::string cells;
    for (const std::string& cell : rows[row]) {
      cells += element(row == 0 ? "th" : "td", {}, escape_markup(cell));
    }
    lines += element("tr", {}, cells);
  }
  return element("div", {{"class", "wide"}}, element("table", {}, lines));
}

std::string colour_key(const std::vector<AgentGroup>& groups) {
  std::string entries;
  for (const AgentGroup& group : groups) {
    entries += element("span", {},
                       element("i", {{"style", "background:" + colour_text(group.colour)}}, "") +
                           escape_markup(group.label));
  }
  return element("p", {{"class", "key"}}, entries);
}

}  // namespace polyak
