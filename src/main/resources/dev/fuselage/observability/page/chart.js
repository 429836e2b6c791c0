// A treemap of buttons: one of them is reached by Tab, the others by the arrow keys.
import { element } from "/elements.js";
import { layout } from "/treemap.js";

const TITLE = 20;
const SMALLEST = 3;
const READABLE = { width: 44, height: 18 };

export class Chart {
  constructor(where, open, up) {
    this.where = where;
    this.open = open;
    this.groups = [];
    this.current = "";
    where.addEventListener("keydown", (event) => this.key(event, up));
  }

  /**
   * groups: [{size, kind, label, short, detail, shared, target, cells}]; one without cells is a cell
   * itself, one without a target leads nowhere.
   */
  draw(groups) {
    this.groups = groups;
    this.redraw();
  }

  redraw() {
    const hadFocus = this.where.contains(document.activeElement);
    this.where.classList.toggle("small", this.groups.length > 0 && this.groups.length < 3 && !this.groups[0].cells);
    this.where.classList.toggle("none", this.groups.length === 0);
    const width = this.where.clientWidth || this.where.parentElement.clientWidth;
    const height = this.where.clientHeight || 300;
    const buttons = [];
    for (const place of layout(this.groups, 0, 0, width, height)) {
      this.group(place, buttons);
    }
    this.where.replaceChildren(...buttons);
    const kept = buttons.find((button) => button.dataset.id === this.current) ?? buttons[0];
    if (kept) {
      kept.tabIndex = 0;
      if (hadFocus) {
        kept.focus({ preventScroll: true });
      }
    }
    this.lost = hadFocus && !kept;
  }

  group(place, buttons) {
    const { item, x, y, width, height } = place;
    if (!item.cells || item.cells.length < 2 || height < 3 * TITLE || width < 2 * READABLE.width) {
      this.button("cell", item, place, buttons);
      return;
    }
    this.button("title", item, { x, y, width, height: TITLE }, buttons);
    for (const inner of layout(item.cells, x, y + TITLE, width, height - TITLE)) {
      this.button("cell", inner.item, inner, buttons);
    }
  }

  button(shape, item, { x, y, width, height }, buttons) {
    if (width < SMALLEST || height < SMALLEST) {
      return;
    }
    const name = item.label + ", " + item.detail + (item.shared && !item.detail.includes("shared") ? ", shared" : "");
    const made = element("button", {
      type: "button", tabindex: "-1", title: name, "aria-label": name,
      class: shape + " " + item.kind + (item.shared ? " shared" : ""),
    });
    made.dataset.id = shape + " " + item.kind + " " + item.label;
    Object.assign(made.style, { left: x + "px", top: y + "px", width: width + "px", height: height + "px" });
    if (width >= READABLE.width && height >= READABLE.height) {
      made.append(element("b", {}, item.short ?? item.label), shape === "title" ? " " : "");
      if (height >= 2 * READABLE.height || shape === "title") {
        made.append(element("small", {}, item.detail));
      }
    } else {
      made.style.padding = "0";
    }
    made.addEventListener("focus", () => this.focused(made));
    if (item.target) {
      made.addEventListener("click", () => this.open(item.target));
    } else {
      made.setAttribute("aria-disabled", "true");
    }
    buttons.push(made);
  }

  focused(button) {
    this.current = button.dataset.id;
    for (const other of this.where.children) {
      other.tabIndex = other === button ? 0 : -1;
    }
  }

  /** After a step into what has no areas the keyboard would stand nowhere. */
  focusFirstIfLost() {
    if (this.lost) {
      this.lost = false;
      document.getElementById("holders").focus();
    }
  }

  key(event, up) {
    const from = document.activeElement;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    let to = null;
    if (event.key === "Escape") {
      up();
    } else if (event.key === "Home") {
      to = this.where.firstElementChild;
    } else if (event.key === "End") {
      to = this.where.lastElementChild;
    } else if (ways[event.key] && from?.parentElement === this.where) {
      to = this.neighbour(from, ...ways[event.key]);
    } else {
      return;
    }
    event.preventDefault();
    to?.focus();
  }

  /** The nearest that way; what lies askew counts as farther. */
  neighbour(from, right, down) {
    const middle = (button) => {
      const box = button.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    };
    const [fromX, fromY] = middle(from);
    let best = null;
    let least = Infinity;
    for (const button of this.where.children) {
      const [x, y] = middle(button);
      const ahead = (x - fromX) * right + (y - fromY) * down;
      const aside = Math.abs((x - fromX) * down) + Math.abs((y - fromY) * right);
      if (button !== from && ahead > 1 && ahead + 2 * aside < least) {
        best = button;
        least = ahead + 2 * aside;
      }
    }
    return best;
  }
}
