// Makes elements. Strings become text nodes, and only text nodes, whatever they hold.

export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return made;
}

/** Changes nothing where the text is there already, so that a screen reader keeps quiet. */
export function text(where, content) {
  if (where.textContent !== content) {
    where.textContent = content;
  }
}

/** columns: [[name, class]]; rows: lists of strings and elements. The first cell heads its row. */
export function table(caption, columns, rows) {
  const head = columns.map(([name, kind]) => element("th", { scope: "col", class: kind ?? "" }, name));
  const body = rows.map((row) => element("tr", {}, ...row.map((content, index) =>
    element(index === 0 ? "th" : "td",
      index === 0 ? { scope: "row" } : { class: columns[index][1] ?? "", "data-name": columns[index][0] },
      content))));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}

/** points: [[x, y]], by x; a line through them with the area below, from the least to the most. */
export function line(points, label) {
  const width = 600;
  const height = 80;
  const [left, right] = [points[0][0], points[points.length - 1][0]];
  const least = Math.min(...points.map(([, y]) => y));
  const most = Math.max(...points.map(([, y]) => y));
  const spot = ([x, y]) =>
    (width * (x - left)) / Math.max(1, right - left) + "," +
    (most === least ? height / 2 : 4 + (height - 8) * (1 - (y - least) / (most - least)));
  const path = points.map(spot).join(" ");
  const svg = shape("svg", {
    class: "line", viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none",
    role: "img", "aria-label": label,
  });
  svg.append(shape("polygon", { points: "0," + height + " " + path + " " + width + "," + height }),
    shape("polyline", { points: path }));
  return svg;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  return made;
}
