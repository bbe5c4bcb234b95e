#include "app/report/html.hpp"

#include "app/drawing/markup.hpp"
#include "app/output/build_description.hpp"
#include "app/report/embedded_files.hpp"
#include "io/run_files.hpp"

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

std::string class_key(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string content;
  for (const auto& [name, label] : entries) {
    content += element("span", {}, element("i", {{"class", name}}, "") + escape_markup(label));
  }
  return element("p", {{"class", "key"}}, content);
}

std::string captioned(const std::string& figure, const std::string& caption) {
  return element("figure", {}, figure + element("figcaption", {}, escape_markup(caption)));
}

std::string html_page(const std::string& title, const std::string& body, std::string_view script) {
  const std::string shown = escape_markup(title);
  const std::string head =
      "\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n" +
      element("title", {}, shown) + element("style", {}, report_style());
  const std::string content =
      "\n" + element("h1", {}, shown) + body +
      element("p", {{"class", "soft"}},
              "Written by polyak report " + escape_markup(build_description().version) + ".") +
      (script.empty() ? "" : element("script", {}, "\n" + std::string(script)));
  return std::string(report_beginning) +
         element("html", {{"lang", "en"}},
                 "\n" + element("head", {}, head) + element("body", {}, content));
}

}  // namespace polyak
