"use strict";
(function () {
  function sortKey(cell) {
    var raw = cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
    var number = Number(raw);
    return { blank: raw === "", number: raw !== "" && !Number.isNaN(number) ? number : null, text: raw };
  }
  function compare(a, b) {
    if (a.number !== null && b.number !== null) { return a.number - b.number; }
    return a.text.localeCompare(b.text, "en", { numeric: true });
  }
  function sortBy(header, index) {
    var table = header.closest("table");
    var body = table.tBodies[0];
    var up = header.getAttribute("aria-sort") !== "ascending";
    table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    var rows = Array.from(body.rows).map(function (row) { return { row: row, key: sortKey(row.cells[index]) }; });
    rows.sort(function (a, b) {
      if (a.key.blank !== b.key.blank) { return a.key.blank ? 1 : -1; }
      return up ? compare(a.key, b.key) : compare(b.key, a.key);
    });
    rows.forEach(function (entry) { body.appendChild(entry.row); });
  }
  document.querySelectorAll("table.sortable thead button").forEach(function (button) {
    var header = button.closest("th");
    button.addEventListener("click", function () { sortBy(header, header.cellIndex); });
  });
  document.querySelectorAll("input[data-filter]").forEach(function (input) {
    var rows = Array.from(document.getElementById(input.dataset.filter).tBodies[0].rows);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    var count = document.querySelector('[data-count="' + input.dataset.filter + '"]');
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row, index) {
        var fits = words.every(function (word) { return texts[index].indexOf(word) !== -1; });
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      count.textContent = words.length ? shown + " of " + rows.length + " rows" : "";
    });
  });
}());
