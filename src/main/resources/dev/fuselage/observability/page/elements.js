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
