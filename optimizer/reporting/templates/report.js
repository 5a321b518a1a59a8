"use strict";
(function () {
  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }

  function sortKey(cell) {
    var raw = cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
    var number = Number(raw);
    return { blank: raw === "", number: raw !== "" && !Number.isNaN(number) ? number : null, text: raw };
  }
  function compare(a, b) {
    if (a.number !== null && b.number !== null) { return a.number - b.number; }
    return a.text.localeCompare(b.text, "en", { numeric: true });
  }
  function sortBy(header) {
    var table = header.closest("table");
    var body = table.tBodies[0];
    var up = header.getAttribute("aria-sort") !== "ascending";
    all("th[aria-sort]", table).forEach(function (other) { other.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    var rows = Array.from(body.rows).map(function (row) { return { row: row, key: sortKey(row.cells[header.cellIndex]) }; });
    rows.sort(function (a, b) {
      if (a.key.blank !== b.key.blank) { return a.key.blank ? 1 : -1; }
      return up ? compare(a.key, b.key) : compare(b.key, a.key);
    });
    rows.forEach(function (entry) { body.appendChild(entry.row); });
  }
  all("table.sortable thead button").forEach(function (button) {
    button.addEventListener("click", function () { sortBy(button.closest("th")); });
  });

  var filters = {};
  all("input[data-filter]").forEach(function (input) {
    var id = input.dataset.filter;
    var rows = Array.from(document.getElementById(id).tBodies[0].rows).map(function (row) {
      var badge = row.querySelector(".badge");
      return { row: row, text: row.textContent.toLowerCase(), state: badge ? badge.className.replace("badge ", "") : "" };
    });
    var choice = document.querySelector('select[data-state="' + id + '"]');
    var count = document.querySelector('[data-count="' + id + '"]');
    var rest = count.dataset.more ? " on this page; " + count.dataset.more + " more are in plan.xlsx" : "";
    function apply() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var state = choice ? choice.value : "";
      var shown = 0;
      rows.forEach(function (entry) {
        var fits = (!state || entry.state === state) && words.every(function (word) { return entry.text.indexOf(word) !== -1; });
        entry.row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      count.textContent = words.length || state ? shown + " of " + rows.length + " rows" + rest : "";
    }
    input.addEventListener("input", apply);
    if (choice) { choice.addEventListener("change", apply); }
    filters[id] = function () { input.value = ""; if (choice) { choice.value = ""; } apply(); };
  });

  var failed = "The chart could not be drawn; its figures are in the table.";
  function draw(place) {
    var spec = JSON.parse(document.getElementById(place.dataset.chart + "-spec").textContent);
    // `ast`: expressions are interpreted, never compiled, as the page's policy forbids to make code of text.
    return window.vegaEmbed(place, spec, { mode: "vega-lite", renderer: "svg", actions: false, ast: true }).then(null, function (error) {
      place.textContent = failed;
      console.error(error);
    });
  }
  function drawAll(places) {
    if (!places.length) {
      // Charts push what stands below them down: then what was asked for is looked up once more.
      if (location.hash) { show(true); }
      document.documentElement.dataset.drawn = "yes";
      return;
    }
    // One after the other, so that the page answers in between.
    window.setTimeout(function () { draw(places[0]).then(function () { drawAll(places.slice(1)); }); }, 0);
  }

  function show(again) {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    var table = target.closest("table");
    if (table && target.hidden && filters[table.id]) { filters[table.id](); }
    for (var fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) { fold.open = true; }
    if (target.tagName === "TR") {
      all("details.why", target).forEach(function (why) { why.open = true; });
      target.scrollIntoView({ block: "center" });
    } else if (again) { target.scrollIntoView(); }
  }
  // On paper nothing can be opened: explanations and folded tables are printed open, and closed again afterwards.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = all("details.why, details.fold").filter(function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (one) { one.open = false; });
    opened = [];
  });
  window.addEventListener("hashchange", function () { show(false); });
  show();
  drawAll(all("[data-chart]"));
}());
