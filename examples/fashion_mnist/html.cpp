// See html.h.
#include "examples/fashion_mnist/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hekla::fashion_mnist {

namespace {

constexpr std::string_view stylesheet = R"(
:root { color-scheme: light dark; --ink: #1d2329; --soft: #5c6670; --page: #ffffff; --card: #f4f6f8; --line: #d5dbe1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b0; --page: #14181c; --card: #1e242a; --line: #343d46; }
}
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --page: #fff; --card: #fff; --line: #bbb; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; break-after: avoid; }
.lead, .note { color: var(--soft); margin: .25rem 0 1.25rem; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 0; }
.headline div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem 1rem; }
.headline dt { color: var(--soft); font-size: .85rem; }
.headline dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .9rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
.text td { text-align: left; }
tr.kept td { font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem;
  overflow-x: auto; font: 13px/1.25 ui-monospace, "DejaVu Sans Mono", monospace; }
figure { margin: 0; break-inside: avoid; }
.chart svg { display: block; width: 100%; height: auto; }
.chart { margin-bottom: 1rem; }
.chart rect[fill="#ffffff"] { fill: none; }
@media screen and (prefers-color-scheme: dark) { .chart svg { filter: invert(1) hue-rotate(180deg); } }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: 1rem .75rem; }
.images img { width: 84px; height: 84px; image-rendering: pixelated; border: 1px solid var(--line); border-radius: .25rem; }
.images figcaption { font-size: .85rem; line-height: 1.3; }
.images figcaption span { color: var(--soft); }
)";

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string data_url(std::string_view type, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result = fmt::format("data:{};base64,", type);
  // Three bytes make four digits; what is missing of the last three is marked.
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return result;
}

std::string inline_svg(std::string_view svg) {
  std::string text(svg.substr(std::min(svg.find("<svg"), svg.size())));
  // HTML knows both by itself; they would be the only addresses in the page.
  for (const std::string_view name :
       {" xmlns=\"http://www.w3.org/2000/svg\"", " xmlns:xlink=\"http://www.w3.org/1999/xlink\""}) {
    const std::size_t at = text.find(name);
    if (at != std::string::npos) text.erase(at, name.size());
  }
  return fmt::format("<figure class=\"chart\">{}</figure>\n", text);
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::string text = "<div class=\"wide\"><table>\n<tr>";
  for (const std::string& cell : head) text += fmt::format("<th>{}</th>", cell);
  text += "</tr>\n";
  for (const std::vector<std::string>& row : rows) {
    text += "<tr>";
    for (const std::string& cell : row) text += fmt::format("<td>{}</td>", cell);
    text += "</tr>\n";
  }
  return text + "</table></div>\n";
}

std::string headline(const std::vector<std::pair<std::string, std::string>>& numbers) {
  std::string text = "<dl class=\"headline\">\n";
  for (const auto& [name, number] : numbers)
    text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(number));
  return text + "</dl>\n";
}

std::string page(std::string_view title, std::string_view lead, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p "
      "class=\"lead\">{2}</p>\n{3}</body>\n</html>\n",
      escaped(title), stylesheet, escaped(lead), body);
}

}  // namespace hekla::fashion_mnist
