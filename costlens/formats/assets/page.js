"use strict";
const make = (tag, text, attributes = {}) => {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};
const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

(() => {
  // The theme: that of the system until another one is chosen.
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];
  const store = (value) => {
    try {
      if (value) localStorage.setItem("costlens-theme", value);
      return localStorage.getItem("costlens-theme");
    } catch {
      return null;
    }
  };
  const theme = make("button", "", { type: "button" });
  const setTheme = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  };
  setTheme(themes.includes(store()) ? store() : "auto");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % themes.length];
    store(next);
    setTheme(next);
  });
  document.querySelector("header").append(theme);

  // What a link within the page leads to is unfolded.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", unfold);
  unfold();

  // Charts of several drawings: one is shown at a time, or all; each can be enlarged.
  const choose = (buttons, chosen) => buttons.forEach((button) => press(button, button === chosen));
  for (const chart of document.querySelectorAll(".switched")) {
    const line = make("div", "", { class: "tools", role: "group", "aria-label": "What is drawn" });
    const figures = [...chart.querySelectorAll("figure")];
    const buttons = [];
    const add = (name, shown) => {
      const button = make("button", name, { type: "button" });
      button.addEventListener("click", () => {
        for (const figure of figures) figure.hidden = !shown(figure);
        choose(buttons, button);
      });
      buttons.push(button);
    };
    if (figures.length > 1) {
      for (const figure of figures) add(figure.querySelector("figcaption").textContent, (other) => other === figure);
      add("all", () => true);
      (buttons[figures.findIndex((figure) => figure.classList.contains("first"))] ?? buttons[0]).click();
    }
    const keys = [...figures[0].querySelectorAll("g.key")];
    const colours = keys.map((key) => make("button", key.querySelector("title").textContent, { type: "button" }));
    colours.forEach((button, place) =>
      button.addEventListener("click", () => {
        (chart.closest("details, .whole") ?? chart).dataset.by = keys[place].classList[1].slice(3); // of-m: by m
        choose(colours, button);
      }),
    );
    if (keys.length) choose(colours, colours[0]);
    const enlarge = make("button", "Enlarge", { type: "button", "aria-pressed": "false" });
    enlarge.addEventListener("click", () => press(enlarge, chart.classList.toggle("large")));
    line.append(...buttons, enlarge, ...(keys.length > 1 ? [make("span", "Colours:"), ...colours] : []));
    chart.before(line);
  }

  // Tables: sorted by a column, filtered, copied, with all columns.
  const number = (cell) => {
    const text = cell.dataset.v ?? cell.textContent;
    const found = /-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?/i.exec(text.replace(/−/g, "-"));
    return found ? Number(found[0].replace(/,/g, "")) : null;
  };
  const compare = (one, other, numeric) => {
    if (!numeric) return one.textContent.localeCompare(other.textContent, "en", { numeric: true });
    return number(one) - number(other);
  };
  const empty = (cell, numeric) => (numeric ? number(cell) === null : !cell.textContent);

  const sort = (table, place, descending) => {
    const body = table.tBodies[0];
    const numeric = table.tHead.rows[0].cells[place].classList.contains("n");
    const rows = [...body.rows];
    rows.sort((a, b) => {
      const [one, other] = [a.cells[place], b.cells[place]];
      const missing = empty(one, numeric) - empty(other, numeric);
      return missing || (descending ? -1 : 1) * compare(one, other, numeric); // what is not known stays at the end
    });
    body.append(...rows);
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = make("button", "", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const numeric = head.classList.contains("n");
        const before = head.getAttribute("aria-sort");
        const descending = before ? before === "ascending" : numeric; // of figures the largest first
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, place, descending);
      });
    });
  };

  const shown = (cell) => !cell.classList.contains("m") || !cell.closest(".brief");
  const cells = (row) => [...row.cells].filter(shown);
  const lines = (table) => [...table.tBodies[0].rows, ...(table.tFoot?.rows ?? [])].filter((row) => !row.hidden);
  const plain = (cell) => {
    if (cell.dataset.v !== undefined) return cell.dataset.v;
    const text = cell.textContent;
    if (!cell.classList.contains("t") && /^\d[\d,]*$/.test(text)) return text.replace(/,/g, "");
    return /^\s*[=+\-@＝＋－＠]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text; // no formula of a spreadsheet
  };
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const separated = (between, written) => (table) =>
    [
      cells(table.tHead.rows[0]).map((cell) => written(cell.dataset.name)),
      ...lines(table).map((row) => cells(row).map((cell) => written(plain(cell)))),
    ].map((row) => `${row.join(between)}\n`).join("");
  const markdown = (table) => {
    const heads = cells(table.tHead.rows[0]);
    const escaped = (cell) => cell.textContent.replace(/[\\`*_|<>[\]#~]/g, "\\$&");
    const rule = heads.map((head) => (head.classList.contains("n") ? "--:" : ":--"));
    const rows = [heads.map(escaped), rule, ...lines(table).map((row) => cells(row).map(escaped))];
    return rows.map((row) => `| ${row.join(" | ")} |\n`).join("");
  };
  const writers = { Markdown: markdown, CSV: separated(",", quoted), TSV: separated("\t", (text) => text.replace(/\t/g, " ")) };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", text);
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  const few = 8;
  const tools = (box) => {
    const table = box.querySelector("table");
    if (!table.tHead) return;
    const line = make("div", "", { class: "tools", role: "group", "aria-label": `Tools: ${table.caption.textContent}` });
    const status = make("span", "", { role: "status" });
    const rows = [...table.tBodies[0].rows];
    if (rows.length > 1) sortable(table);
    const input = make("input", "", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
    const filter = () => {
      const wanted = input.value.toLowerCase();
      const kept = (row) => !("out" in row.dataset) && row.textContent.toLowerCase().includes(wanted);
      for (const row of rows) row.hidden = !kept(row);
      const left = rows.filter((row) => !row.hidden).length;
      status.textContent = left < rows.length ? `${left} of ${rows.length} rows` : "";
    };
    input.addEventListener("input", filter);
    table.addEventListener("filter", filter); // of a chart, which marks the rows that are out
    if (rows.length >= few) line.append(input);
    const more = [...table.tHead.rows[0].cells].filter((head) => head.classList.contains("m"));
    if (more.length) {
      for (const row of table.querySelectorAll("tbody tr, tfoot tr"))
        for (const head of more) row.cells[head.cellIndex].classList.add("m");
      table.classList.add("brief");
      const all = make("button", "All columns", { type: "button", "aria-pressed": "false" });
      all.addEventListener("click", () => press(all, !table.classList.toggle("brief")));
      line.append(all);
    }
    line.append(make("span", "Copy as"));
    for (const [name, writer] of Object.entries(writers)) {
      const button = make("button", name, { type: "button" });
      button.addEventListener("click", async () => {
        await copy(writer(table));
        status.textContent = `Copied as ${name}`;
      });
      line.append(button);
    }
    line.append(status);
    box.before(line);
  };
  document.querySelectorAll(".scroll").forEach((box) => box.querySelector("table") && tools(box));
})();
