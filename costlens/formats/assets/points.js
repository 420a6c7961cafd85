// The charts of a family: axes are chosen; ranges on parallel axes filter lines, dots, boxes and the rows of tables.
// It draws as formats/charts/front.py and knobs.py do, with the rules of _axes.py and _cloud.py; a test compares both.
(() => {
  const front = document.querySelector("figure[data-points=front]");
  if (!front) return;
  const table = front.parentElement.nextElementSibling.querySelector("table");
  const rows = [...table.tBodies[0].rows]; // those of the front first; a sorted table has another order
  const heads = [...table.tHead.rows[0].cells];
  const names = heads.map((head) => head.dataset.name);
  const headers = heads.map((head) => head.textContent);
  const listed = (text) => (text ? text.split("\n") : []);
  const knobs = listed(front.dataset.knobs);
  const isOnFront = rows.map((row) => row.cells[names.indexOf("front")].textContent === "yes");
  const isKept = rows.map((row) => row.cells[names.indexOf("holds")]?.textContent !== "no");

  // What a column holds: numbers where each row has one, else words; and how a figure is written.
  const text = (row, name) => rows[row].cells[names.indexOf(name)].textContent;
  const figure = (cell) => {
    const written = (cell.dataset.v ?? cell.textContent).replace(/,/g, "");
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(written) ? Number(written) : null;
  };
  const known = {};
  const numbers = (name) => (known[name] ??= rows.map((row) => figure(row.cells[names.indexOf(name)])));
  const values = (name) => (numbers(name).includes(null) ? rows.map((_, row) => text(row, name)) : numbers(name));
  const order = (found) => [...new Set(found)].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const unit = (name) => {
    if (/(^|_)bytes(_|$)/.test(name)) return "bytes";
    if (name.endsWith("_ms")) return "ms";
    return knobs.includes(name) || name === "intensity" ? "" : "count";
  };
  const three = (value) => {
    const decimals = [99.95, 9.995, 0.9995].filter((step) => Math.abs(value) < step).length;
    const digits = value.toFixed(decimals);
    return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  };
  const whole = (value) => Math.round(value).toLocaleString("en");
  const inUnit = (value, sizes, write) => {
    const found = sizes.find(([, size, least]) => Math.abs(value) >= (least ?? size));
    return found ? `${write(value / found[1])}${found[0]}` : null;
  };
  const counts = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]].map(([sign, size]) => [sign, size, size * 0.9995]);
  const bytes = [[" GiB", 2 ** 30], [" MiB", 2 ** 20], [" KiB", 2 ** 10]];
  const rounded = (value) => (Math.abs(value) >= 99.95 ? whole(value) : String(Number(value.toPrecision(3))));
  const written = (value, of) => {
    if (!value) return "0";
    if (of === "count") return inUnit(value, counts, three) ?? three(value);
    if (of === "bytes") return (inUnit(value, bytes, (size) => size.toFixed(1)) ?? `${value.toFixed(0)} B`).replace(".0 ", " ");
    if (of === "ms") return value >= 0.1 ? `${rounded(value)} ms` : `${rounded(1e3 * value)} µs`;
    return value.toLocaleString("en", { maximumSignificantDigits: 6 });
  };

  // Scales and the round figures on them.
  const scale = (low, high, start, end, log = false) => {
    const on = log ? Math.log10 : (value) => value;
    const at = (value) => start + ((on(value) - on(low)) / (on(high) - on(low))) * (end - start);
    return Object.assign(at, { low, high, start, end, log });
  };
  const axis = (found, start, end) => {
    const [least, most] = [Math.min(...found), Math.max(...found)];
    if (least <= 0) {
      const room = 0.08 * (most - least || 1);
      return scale(least - room, most + room, start, end);
    }
    if (most > 10 * least) {
      const room = (most / least) ** 0.08;
      return scale(least / room, most * room, start, end, true);
    }
    if (most > 2 * least) return scale(0, 1.08 * most, start, end);
    const room = Math.max(most - least, 0.08 * most) / 2;
    return scale(Math.max(0, least - room), most + room, start, end);
  };
  const range = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  const step = (rough, binary) => {
    const of = binary && rough > 1 ? 2 ** (10 * Math.floor(Math.log2(rough) / 10)) : 1;
    const power = 10 ** Math.floor(Math.log10(rough / of));
    return [1, 2, 5, 10].map((each) => each * power * of).find((each) => each >= rough * (1 - 1e-9));
  };
  const ticks = (of, kind) => {
    if (!of.log) {
      const each = step((of.high - of.low) / 5, kind === "bytes");
      return range(Math.ceil(of.low / each - 1e-9), Math.floor(of.high / each + 1e-9)).map((place) => place * each);
    }
    if (kind === "bytes") {
      const powers = range(Math.ceil(Math.log2(of.low)), Math.floor(Math.log2(of.high)));
      const apart = Math.ceil(powers.length / 7);
      return powers.filter((power) => power % apart === 10 % apart).map((power) => 2 ** power);
    }
    const decades = range(Math.floor(Math.log10(of.low)), Math.ceil(Math.log10(of.high)));
    let found = [];
    for (const steps of [[1, 2, 5], [1, 3], [1]]) {
      found = decades.flatMap((power) => steps.map((each) => each * 10 ** power));
      found = found.filter((tick) => of.low <= tick && tick <= of.high);
      if (found.length <= 7) return found;
    }
    return found.filter((_, place) => place % Math.ceil(found.length / 7) === 0);
  };

  // Shapes.
  const pixels = (value) => String(Math.round(value * 10) / 10 + 0);
  const shape = (tag, attributes, content = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
    if (content) made.textContent = content;
    return made;
  };
  const rule = (points, style, more = {}) =>
    shape("path", { d: `M${points.map(([x, y]) => `${pixels(x)} ${pixels(y)}`).join("L")}`, class: `line ${style}`, ...more });
  const words = (x, y, content, style = "", anchor = "start", turned = false) => {
    const place = turned
      ? { transform: `translate(${pixels(x + 4)} ${pixels(y)}) rotate(-90)` }
      : { x: pixels(x), y: pixels(y + 4) };
    return shape("text", { ...place, class: style || null, "text-anchor": anchor === "start" ? null : anchor }, content);
  };
  const shortened = (content, most) => {
    const tail = Math.floor((most - 1) / 3);
    return content.length <= most ? content : `${content.slice(0, most - 1 - tail)}…${content.slice(content.length - tail)}`;
  };
  const upwards = (of, kind, left, right) =>
    ticks(of, kind).flatMap((tick) => [
      rule([[left, of(tick)], [right, of(tick)]], "grid"),
      words(left - 8, of(tick), written(tick, kind), "soft", "end"),
    ]);
  const across = (of, kind, top, bottom) =>
    ticks(of, kind).flatMap((tick) => [
      rule([[of(tick), bottom], [of(tick), top]], "grid"),
      words(of(tick), bottom + 14, written(tick, kind), "soft", "middle"),
    ]);
  const header = (name) => headers[names.indexOf(name)].trim();
  const titled = (of, name) => `${header(name)}${of.log ? " (logarithmic)" : ""}`;

  const chosen = { x: front.dataset.x, y: front.dataset.y };
  const isIn = rows.map(() => true);

  // Dots by two figures.
  const scatter = front.querySelector("svg");
  const there = new Map([...scatter.querySelectorAll("a")].map((each) => [each.getAttribute("href"), each]));
  const dots = rows.map((row, place) => {
    const address = `#${row.id}`;
    if (there.has(address)) return there.get(address);
    const made = shape("a", { href: address, tabindex: "-1", class: "hit" });
    const style = isOnFront[place] ? "c1" : isKept[place] ? "c0" : "c6";
    made.append(shape("title", {}, `point ${text(place, "point")}`));
    made.append(shape("circle", { r: isOnFront[place] ? "4.5" : "2.5", class: style }));
    return made;
  });
  const frontOf = new Map(listed(front.dataset.front).map((each) => [each.replace(/:max$/, ""), each.endsWith(":max")]));
  const stairs = (spots) => {
    if (frontOf.size !== 2 || ![chosen.x, chosen.y].every((name) => frontOf.has(name))) return [];
    const best = spots.filter(([place]) => isOnFront[place]).map(([, x, y]) => [x, y]);
    best.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return best.flatMap((one, place) => {
      const next = best[place + 1];
      return next ? [one, frontOf.get(chosen.x) ? [one[0], next[1]] : [next[0], one[1]]] : [one];
    });
  };
  const drawDots = () => {
    const [width, height, left, top, right, below] = [900, 520, 84, 14, 20, 50];
    const [xs, ys] = [numbers(chosen.x), numbers(chosen.y)];
    const places = range(0, rows.length - 1).filter((place) => xs[place] !== null && ys[place] !== null);
    if (!places.length) {
      scatter.replaceChildren(words(width / 2, height / 2, "No network has both figures.", "", "middle"));
      return;
    }
    const x = axis(places.map((place) => xs[place]), left, width - right);
    const y = axis(places.map((place) => ys[place]), height - below, top);
    const spots = places.map((place) => [place, x(xs[place]), y(ys[place])]);
    for (const [place, at, level] of spots) {
      const dot = dots[place].querySelector("circle");
      dot.setAttribute("cx", pixels(at));
      dot.setAttribute("cy", pixels(level));
    }
    const line = stairs(spots);
    scatter.replaceChildren(
      ...across(x, unit(chosen.x), top, y.start),
      ...upwards(y, unit(chosen.y), left, x.end),
      words((x.start + x.end) / 2, y.start + 36, titled(x, chosen.x), "", "middle"),
      words(10, (y.start + y.end) / 2, titled(y, chosen.y), "", "middle", true),
      ...(line.length ? [rule(line, "soft", { "stroke-dasharray": "4 3" })] : []),
      ...spots.reverse().map(([place]) => dots[place]),
    );
  };

  // The spread of a figure at each value of a knob.
  const quantile = (found, share) => {
    const place = share * (found.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, found.length - 1);
    return found[low] + (place - low) * (found[high] - found[low]);
  };
  const drawKnob = (svg, knob) => {
    const [width, height, left, top, right, below] = [300, 210, 78, 12, 6, 42];
    const [figures, picked] = [numbers(chosen.y), values(knob)];
    const y = axis(figures.filter((each) => each !== null), height - below, top);
    const found = order(picked);
    const each = Math.ceil(found.length / 40);
    const of = new Map(found.map((value, place) => [value, Math.floor(place / each)]));
    const groups = range(0, Math.ceil(found.length / each) - 1);
    const slot = (width - right - left) / groups.length;
    const middle = (group) => left + slot * (group + 0.5);
    const box = Math.min(26, 0.7 * slot);
    const held = groups.map(() => []);
    figures.forEach((value, row) => value !== null && isIn[row] && held[of.get(picked[row])].push(value));
    const boxes = groups.flatMap((group) => {
      if (!held[group].length) return [];
      held[group].sort((one, other) => one - other);
      const [least, low, median, high, most] = range(0, 4).map((quarter) => y(quantile(held[group], quarter / 4)));
      const [at, from] = [middle(group), middle(group) - box / 2];
      const area = `M${pixels(from)} ${pixels(high)}h${pixels(box)}v${pixels(low - high)}h-${pixels(box)}z`;
      return [
        rule([[at, least], [at, most]], "c0"),
        shape("path", { d: area, class: "c0 faint" }),
        rule([[from, median], [from + box, median]], "c0", { "stroke-width": "2" }),
      ];
    });
    const best = range(0, rows.length - 1).filter((row) => isOnFront[row] && isIn[row] && figures[row] !== null);
    const apart = Math.ceil(groups.length / 8);
    const room = Math.max(3, Math.floor((2 * slot * apart) / 6) - 1);
    const word = (value) => (typeof value === "number" ? written(value, "") : value || "(none)");
    svg.replaceChildren(
      ...upwards(y, unit(chosen.y), left, width - right),
      words(8, (y.start + y.end) / 2, titled(y, chosen.y), "small", "middle", true),
      ...boxes,
      ...best.map((row) =>
        shape("circle", { cx: pixels(middle(of.get(picked[row]))), cy: pixels(y(figures[row])), r: "2.5", class: "c1" }),
      ),
      ...groups
        .filter((group) => group % apart === 0)
        .map((group, number) => {
          const [first, last] = [found[group * each], found[Math.min((group + 1) * each, found.length) - 1]];
          const name = first === last ? word(first) : `${word(first)} – ${word(last)}`;
          return words(middle(group), height - below + 14 + 14 * (number % 2), shortened(name, room), "small soft", "middle");
        }),
    );
  };
  const drawKnobs = () => {
    for (const each of document.querySelectorAll("figure[data-points=knob]"))
      drawKnob(each.querySelector("svg"), each.dataset.x);
  };

  // Which figures the dots and boxes are of.
  const bar = make("div", "", { class: "tools", role: "group", "aria-label": "Axes" });
  for (const [side, label] of [["x", "To the right"], ["y", "Upwards"]]) {
    const select = make("select", "");
    for (const name of names.slice(1)) {
      if (!numbers(name).some((each) => each !== null)) continue;
      const option = make("option", header(name), { value: name });
      option.selected = name === chosen[side];
      select.append(option);
    }
    select.addEventListener("change", () => {
      chosen[side] = select.value;
      drawDots();
      if (side === "y") drawKnobs();
    });
    const named = make("label", `${label} `);
    named.append(select);
    bar.append(named);
  }
  front.parentElement.before(bar);

  // Ranges on parallel axes.
  const parallel = document.querySelector("figure[data-points=parallel]");
  if (!parallel) return;
  const drawing = parallel.querySelector("svg");
  const lines = [...drawing.querySelectorAll("path.pt")].reverse();
  const points = lines.map((line) => line.getAttribute("d").slice(1).split("L").map((pair) => pair.split(" ").map(Number)));
  const axes = listed(parallel.dataset.axes).map((name, place) => {
    const levels = points.map((line) => line[place][1]);
    const stops = [...new Set(levels)].sort((one, other) => other - one); // from the least value up
    return { name, x: points[0][place][0], levels, stops, from: 0, to: stops.length - 1 };
  });
  const isWhole = (each) => each.from === 0 && each.to === each.stops.length - 1;
  const status = make("span", "", { role: "status" });
  const filter = () => {
    for (const each of drawing.querySelectorAll(".brush")) each.remove();
    const ranged = axes.filter((each) => !isWhole(each));
    for (const each of ranged) {
      const [low, high] = [each.stops[each.from], each.stops[each.to]];
      drawing.append(
        shape("rect", { class: "brush", x: each.x - 6, y: high - 3, width: 12, height: low - high + 6, rx: 3 }),
      );
    }
    rows.forEach((row, place) => {
      isIn[place] = ranged.every((each) => {
        const level = each.levels[place];
        return level <= each.stops[each.from] && level >= each.stops[each.to];
      });
      lines[place].classList.toggle("out", !isIn[place]);
      dots[place].classList.toggle("out", !isIn[place]);
    });
    const out = new Set(rows.filter((_, place) => !isIn[place]).map((row) => row.cells[0].textContent));
    for (const other of document.querySelectorAll("table")) {
      if (other.tHead?.rows[0].cells[0].dataset.name !== "point") continue;
      for (const row of other.tBodies[0].rows) row.toggleAttribute("data-out", out.has(row.cells[0].textContent));
      other.dispatchEvent(new Event("filter"));
    }
    drawKnobs();
    status.textContent = ranged.length ? `${rows.length - out.size} of ${rows.length} networks` : "";
  };
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      filter();
    });
  };
  const set = (each, from, to) => {
    [each.from, each.to] = [from, to];
    each.show();
    soon();
  };

  // By the keyboard: two sliders an axis, whose steps are the values that networks have.
  const ranges = make("details", "", { class: "ranges" });
  ranges.append(make("summary", "Ranges"));
  const sliders = make("div", "", { class: "sliders" });
  for (const each of axes) {
    const group = make("fieldset", "");
    group.append(make("legend", header(each.name)));
    const last = each.stops.length - 1;
    const at = (stop) => text(each.levels.indexOf(each.stops[stop]), each.name);
    const output = make("output", "");
    const inputs = ["from", "to"].map((end) => {
      const input = make("input", "", { type: "range", min: 0, max: last, step: 1, "aria-label": `${header(each.name)} ${end}` });
      input.addEventListener("input", () => {
        const value = Number(input.value);
        set(each, end === "from" ? value : Math.min(each.from, value), end === "to" ? value : Math.max(each.to, value));
      });
      input.disabled = !last;
      group.append(input);
      return input;
    });
    group.append(output);
    each.show = () => {
      ["from", "to"].forEach((end, place) => {
        inputs[place].value = each[end];
        inputs[place].setAttribute("aria-valuetext", at(each[end]));
      });
      output.textContent = at(each.from) === at(each.to) ? at(each.from) : `${at(each.from)} – ${at(each.to)}`;
    };
    each.show();
    sliders.append(group);
  }
  ranges.append(sliders);
  const tools = make("div", "", { class: "tools", role: "group", "aria-label": "Ranges" });
  const all = make("button", "Show all", { type: "button" });
  all.addEventListener("click", () => axes.forEach((each) => set(each, 0, each.stops.length - 1)));
  tools.append(make("span", "Drag along an axis, or set ranges below, to keep the networks within."), all, status);
  parallel.parentElement.before(tools);
  parallel.append(ranges);

  // By a pointer: along an axis; a click removes its range. A finger moves the page instead.
  const place = (event) => {
    const box = drawing.getBoundingClientRect();
    const by = drawing.viewBox.baseVal.width / box.width;
    return [(event.clientX - box.left) * by, (event.clientY - box.top) * by];
  };
  let dragged = null;
  drawing.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return;
    const [x, y] = place(event);
    const near = axes.reduce((one, other) => (Math.abs(other.x - x) < Math.abs(one.x - x) ? other : one));
    if (Math.abs(near.x - x) > 18) return;
    event.preventDefault();
    drawing.setPointerCapture(event.pointerId);
    dragged = { near, y };
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const [low, high] = [dragged.y, place(event)[1]].sort((one, other) => other - one);
    const { near } = dragged;
    const within = range(0, near.stops.length - 1).filter((stop) => near.stops[stop] <= low + 3 && near.stops[stop] >= high - 3);
    if (low - high > 3 && within.length) set(near, within[0], within[within.length - 1]);
  });
  drawing.addEventListener("pointerup", (event) => {
    if (dragged && Math.abs(place(event)[1] - dragged.y) <= 3) set(dragged.near, 0, dragged.near.stops.length - 1);
    dragged = null;
  });
})();
