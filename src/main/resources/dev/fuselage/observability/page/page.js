// The page of a node. Whatever comes from outside is text: nothing here makes markup of a string.
import { words } from "/words.js";
import { element, line, table, text } from "/elements.js";
import { Chart } from "/chart.js";

const QUICK = 2_000;
const SLOW = 15_000;

const at = (id) => document.getElementById(id);

let node = null;
let skew = 0;
let place = { view: "node" };
/** What the place shows: {rows, next, more}; more is set once somebody asked for more. */
let list = { rows: [] };

const chart = new Chart(at("chart"), open, () => up());

// --- Reading -----------------------------------------------------------------------------------

let reading = null;
let again = false;

/** Reads all anew; those who ask while it reads share one more round. */
function read() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = readOnce().finally(() => {
    reading = null;
    if (again) {
      again = false;
      setTimeout(read, QUICK / 4);
    }
  });
  return reading;
}

async function readOnce() {
  try {
    const answer = await fetch("/api/node.json", { cache: "no-store" });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    node = await answer.json();
    skew = Date.now() - Date.parse(node.now);
    if (place.view !== "node" && !list.more) {
      await readList();
    }
    show();
  } catch (failure) {
    text(at("state"), "does not answer");
    at("state").className = "bad";
  }
}

async function readList(cursor = 0) {
  const asked = place;
  const query = new URLSearchParams(listOf(place));
  query.set("cursor", cursor);
  const answer = await fetch("/api/rows.json?" + query, { cache: "no-store" });
  if (place !== asked) {
    return;
  }
  if (!answer.ok) {
    list = { rows: [], failed: true };
    return;
  }
  const part = await answer.json();
  list = {
    rows: cursor === 0 ? part.rows : list.rows.concat(part.rows),
    next: part.next,
    count: part.count,
    more: cursor > 0,
  };
}

function listOf(where) {
  if (where.view === "image") {
    return { of: "layer", namespace: where.namespace, image: where.name };
  }
  if (where.view === "owner") {
    return { of: "snapshot", kind: where.kind, namespace: where.namespace, name: where.name };
  }
  switch (where.kind) {
    case "trash":
      return { of: "trash" };
    case "unclaimed":
      return { of: "unclaimed" };
    case "image":
    case "pod":
    case "container":
      return { of: "owner", kind: where.kind };
    default:
      return { of: "snapshot", kind: where.kind };
  }
}

// --- Where one is ------------------------------------------------------------------------------

function open(target) {
  location.hash = "#/" + target.view + "?" + new URLSearchParams(
    Object.entries(target).filter(([name, value]) => name !== "view" && value !== undefined));
}

function up() {
  if (place.view === "node") {
    return;
  }
  if (place.view === "kind") {
    location.hash = "#/";
  } else {
    open({ view: "kind", kind: place.kind ?? "image" });
  }
}

async function go() {
  const [view, query] = location.hash.replace(/^#\/?/, "").split("?");
  const values = Object.fromEntries(new URLSearchParams(query ?? ""));
  const known = ["image", "owner", "kind"].includes(view);
  place = known ? { ...values, view } : { view: "node" };
  list = { rows: [] };
  if (known) {
    await readList();
  }
  show();
  chart.focusFirstIfLost();
}

// --- Showing -----------------------------------------------------------------------------------

function show() {
  if (!node) {
    return;
  }
  document.title = "Fuselage · " + (node.node ?? "");
  text(at("node"), node.node ?? "");
  at("state").className = node.ready ? "good" : "bad";
  text(at("state"), node.ready ? "ready" : "not ready: " + node.detail);
  age();
  at("totals").replaceChildren(...totals());
  holders();
  at("lists").replaceChildren(...lists());
}

function age() {
  const report = node?.report;
  at("measured").className = "";
  if (!report) {
    text(at("measured"), node?.root ? "The disk is being measured for the first time." : "");
    return;
  }
  text(
    at("measured"),
    "measured " + words.age(Date.now() - skew - Date.parse(report.made)) + " ago" +
      (report.containerd ? "" : "; containerd does not tell who needs what, so owners are guessed") +
      (report.unmeasured === 0 ? ""
        : "; " + words.count(report.unmeasured, "snapshot") + " not yet, so the totals are too small") +
      (report.unreadable === 0 ? ""
        : "; " + words.count(report.unreadable, "tree") +
          " can't be read and counted as what was last seen, as the log says"));
  at("measured").className = report.containerd && report.unmeasured + report.unreadable === 0 ? "" : "bad";
}

function totals() {
  const report = node.report;
  const facts = [];
  const parts = [];
  if (report) {
    const disk = report.fileSystem;
    const used = disk.totalBytes - disk.freeBytes;
    const others = Math.max(0, used - report.total.bytes);
    const bar = [
      ...report.owners.map((owner) => [owner.kind, words.kinds[owner.kind], owner.bytes]),
      ["others", "Others' files on this disk", others],
      ["free", "Free", disk.freeBytes],
    ].filter(([, , bytes]) => bytes > 0);
    parts.push(...diskBar(bar, disk.totalBytes));
    const share = disk.totalBytes > 0 ? disk.freeBytes / disk.totalBytes : 1;
    facts.push(["Free", words.size(disk.freeBytes),
      "of " + words.size(disk.totalBytes) + inodes(disk), share < 0.1 ? "bad" : ""]);
    facts.push(["Held here", words.size(report.total.bytes), words.count(report.total.inodes, "inode")]);
    const counts = Object.fromEntries(report.kinds.map((kind) => [kind.kind, kind.count]));
    facts.push(["Snapshots", words.number(report.kinds.reduce((sum, kind) => sum + kind.count, 0)),
      words.count(counts.committed ?? 0, "layer") + ", " + words.number(counts.active ?? 0) +
      " active, " + words.count(counts.view ?? 0, "view")]);
    const unclaimed = report.owners.find((owner) => owner.kind === "unclaimed");
    facts.push(["Unclaimed", words.size(unclaimed?.bytes ?? 0),
      words.count(report.unclaimed.count, "snapshot"), unclaimed ? "warn" : ""]);
  }
  if (node.trash) {
    const trash = node.trash;
    facts.push(failed(trash) ?? ["Trash", words.count(trash.trees, "tree"),
      trash.trees === 0 ? "nothing to delete"
        : "oldest " + words.age(trash.oldestSeconds * 1000) +
          (trash.stuck.count > 0 ? ", " + trash.stuck.count + " stuck" : ""),
      trash.stuck.count > 0 ? "warn" : ""]);
    const quarantine = node.quarantine;
    facts.push(failed(quarantine, "Quarantine") ?? ["Quarantine", words.number(quarantine.count),
      quarantine.count === 0 ? "nothing is damaged" : "damaged, see below",
      quarantine.count > 0 ? "bad" : ""]);
    const completed = node.verification.completed;
    facts.push(failed(node.verification, "Last verified") ?? ["Last verified",
      completed ? words.age(now() - Date.parse(completed)) + " ago" : "never",
      completed ? words.time(completed) : "", ""]);
    const backups = node.backups;
    facts.push(failed(backups, "Last backup") ?? ["Last backup",
      backups.last ? words.age(now() - Date.parse(backups.last.made)) + " ago" : "never",
      backups.last ? words.count(backups.count, "backup") + " kept" : "", ""]);
  }
  parts.push(element("dl", {}, ...facts.map(([name, value, detail, mark]) =>
    element("div", {}, element("dt", {}, name),
      element("dd", { class: mark ?? "" }, element("strong", {}, value), element("span", {}, detail))))));
  return parts;
}

function failed(section, name = "Trash") {
  return section.error === undefined ? null : [name, "unknown", section.error, "bad"];
}

function inodes(disk) {
  return disk.totalInodes === 0 ? "" : "; " + words.percent(disk.freeInodes, disk.totalInodes) + " of inodes";
}

function now() {
  return Date.now() - skew;
}

function diskBar(parts, total) {
  const bar = element("div", { class: "bar", role: "img", "aria-label":
    parts.map(([, name, bytes]) => name + " " + words.size(bytes)).join(", ") });
  const legend = element("ul", { class: "legend", "aria-hidden": "true" });
  for (const [kind, name, bytes] of parts) {
    const piece = element("i", { class: kind });
    piece.style.width = (100 * bytes) / total + "%";
    bar.append(piece);
    legend.append(element("li", {}, element("i", { class: kind }), name + " " + words.size(bytes)));
  }
  return [bar, legend];
}

// --- Who holds the disk ------------------------------------------------------------------------

function holders() {
  at("path").replaceChildren(path());
  const view = place.view === "node" ? nodeView() : listView();
  text(at("holders-title"), view.title);
  text(at("holders-note"), view.note ?? "");
  chart.draw(view.groups);
  at("chart-help").hidden = view.groups.length === 0;
  const parts = [table(view.caption, view.columns, view.rows)];
  if (view.more) {
    const more = element("button", { class: "more", type: "button" }, "Show more");
    more.addEventListener("click", async () => {
      await readList(list.next);
      holders();
      at("holders-table").querySelector(".more, table button")?.focus();
    });
    parts.push(more);
  }
  at("holders-table").replaceChildren(...parts);
}

function path() {
  const steps = [["This node", "#/"]];
  const kind = place.kind ?? (place.view === "image" ? "image" : undefined);
  if (kind) {
    steps.push([words.kinds[kind] ?? kind, "#/kind?" + new URLSearchParams({ kind })]);
  }
  if (place.view === "image" || place.view === "owner") {
    steps.push([words.owner({ owner: kind, ...place }), location.hash]);
  }
  return element("ol", {}, ...steps.map(([name, hash], index) =>
    element("li", {}, index === steps.length - 1
      ? element("span", { "aria-current": "page" }, name)
      : element("a", { href: hash }, name))));
}

/** Where a holding leads to; undefined where there is nothing inside. */
function inside(holding) {
  if (holding.owner === "image") {
    return { view: "image", namespace: holding.namespace, name: holding.name };
  }
  if (holding.owner === "pod" || holding.owner === "container") {
    return { view: "owner", kind: holding.owner, namespace: holding.namespace, name: holding.name };
  }
  return { view: "kind", kind: holding.owner };
}

function cell(holding) {
  const shared = holding.name === "(shared)" && holding.namespace === "";
  return {
    size: holding.bytes, kind: holding.owner, label: words.owner(holding), shared,
    short: holding.owner === "image" ? words.image(holding.name) : undefined,
    detail: words.size(holding.bytes), target: inside(holding),
  };
}

function nodeView() {
  const report = node.report;
  const owners = report ? [...report.owners].sort((one, other) => other.bytes - one.bytes) : [];
  const groups = owners.map((owner) => {
    const named = owner.rows.reduce((sum, row) => sum + row.bytes, 0);
    const cells = owner.rows.map(cell);
    if (owner.bytes > named) {
      cells.push({
        size: owner.bytes - named, kind: owner.kind, target: { view: "kind", kind: owner.kind },
        label: words.number(owner.count - owner.rows.length) + " more",
        detail: words.size(owner.bytes - named),
      });
    }
    return {
      size: owner.bytes, kind: owner.kind, label: words.kinds[owner.kind],
      detail: words.size(owner.bytes), target: { view: "kind", kind: owner.kind }, cells,
    };
  });
  return {
    title: "Who holds the disk", groups,
    caption: "All that is held here, by what it is for",
    columns: [["Owner"], ["Size", "number"], ["Share", "number"], ["Entries", "number"], ["What it is"]],
    rows: owners.map((owner) => [
      link(words.kinds[owner.kind], { view: "kind", kind: owner.kind }), words.size(owner.bytes),
      words.percent(owner.bytes, report.total.bytes), words.number(owner.entries),
      words.meanings[owner.kind]]),
  };
}

function listView() {
  const asked = listOf(place);
  const view = {
    image: { title: place.name === "(shared)" ? "Layers that several images share" : "Layers of " + place.name },
    owner: { title: "Snapshots of " + words.owner({ owner: place.kind, ...place }) },
    kind: { title: words.kinds[place.kind] ?? String(place.kind), note: words.meanings[place.kind] },
  }[place.view];
  const shape = asked.of === "owner" && asked.kind !== "image" ? shapes.writer : shapes[asked.of];
  view.groups = list.rows.filter((row) => row.bytes > 0).map((row) => shape.cell(row));
  view.columns = shape.columns;
  view.rows = list.rows.map((row) => shape.row(row));
  view.caption = list.failed ? "This can't be told now"
    : words.shown(list.rows.length, list.count ?? 0) +
      (asked.of === "snapshot" ? "; only the largest snapshots of the node are named" : "");
  view.more = list.next !== undefined;
  return view;
}

/** How the rows of each list look. */
const shapes = {
  layer: {
    columns: [["Layer"], ["Size", "number"], ["Images", "number"], ["Made", "number"]],
    cell: (row) => ({
      size: row.bytes, kind: "image", shared: row.images > 1, label: words.layer(row.key),
      detail: words.size(row.bytes) + (row.images > 1 ? ", shared by " + row.images : ""),
    }),
    row: (row) => [code(row.key), words.size(row.bytes),
      row.images > 1 ? "shared by " + row.images : "this one", words.time(row.created)],
  },
  owner: {
    columns: [["Name"], ["Namespace"], ["Own", "number"], ["Shared besides", "number"], ["Snapshots", "number"]],
    cell,
    row: (row) => [link(row.name, inside(row)), row.namespace, words.size(row.bytes),
      row.shared > 0 ? words.size(row.shared) : "–", words.number(row.entries)],
  },
  writer: {
    columns: [["Name"], ["Namespace"], ["Size", "number"], ["Snapshots", "number"]],
    cell,
    row: (row) => [link(row.name, inside(row)), row.namespace, words.size(row.bytes), words.number(row.entries)],
  },
  snapshot: {
    columns: [["Snapshot"], ["Kind"], ["Size", "number"], ["Inodes", "number"], ["Made", "number"]],
    cell: (row) => ({
      size: row.bytes, kind: row.owner, label: words.layer(row.key), detail: words.size(row.bytes),
    }),
    row: (row) => [code(row.key), row.kind, words.size(row.bytes), words.number(row.inodes),
      words.time(row.created)],
  },
  unclaimed: {
    columns: [["Snapshot"], ["Size", "number"], ["Since", "number"], ["What frees it"]],
    cell: (row) => ({
      size: row.bytes, kind: "unclaimed", label: words.layer(row.key), detail: words.size(row.bytes),
    }),
    row: (row) => [code(row.key), words.size(row.bytes), words.time(row.since),
      row.command ? code(row.command)
        : row.children > 0 ? "first the " + words.count(row.children, "snapshot") + " upon it"
          : "containerd did not say whether it knows it"],
  },
  trash: {
    columns: [["Tree"], ["Size", "number"], ["Since", "number"], ["Why it is still there"]],
    cell: (row) => ({
      size: row.bytes, kind: "trash", label: row.name, detail: words.size(row.bytes),
    }),
    row: (row) => [row.name, row.bytes === undefined ? "unknown" : words.size(row.bytes),
      words.time(row.since),
      row.reason ? row.reason + ", " + words.count(row.attempts, "try", "tries") : "its turn comes"],
  },
};

// --- Growth and slow calls -----------------------------------------------------------------------

function growth() {
  const samples = node.growth.samples;
  const content = [];
  if (samples.length < 2) {
    content.push(element("p", { class: "none" }, "Known once the disk was measured twice."));
  } else {
    const first = samples[0];
    const last = samples[samples.length - 1];
    const span = words.age(Date.parse(last.at) - Date.parse(first.at));
    const grown = Object.keys(words.kinds)
      .map((kind) => [kind, (last[kind] ?? 0) - (first[kind] ?? 0)])
      .filter(([, bytes]) => bytes !== 0)
      .sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    const summary = words.change(last.bytes - first.bytes) + " in " + span;
    content.push(
      element("p", {}, element("strong", {}, summary),
        grown.length === 0 ? "" : ": " + grown.map(([kind, bytes]) =>
          words.kinds[kind] + " " + words.change(bytes)).join(", ")),
      line(samples.map((sample) => [Date.parse(sample.at), sample.bytes]), "What is held here, over the last " + span + ": from " + words.size(first.bytes) +
        " to " + words.size(last.bytes)));
  }
  if (node.growth.growers.rows.length > 0) {
    content.push(table("Who grew most", [["Pod or container"], ["Grew by", "number"], ["In", "number"]],
      node.growth.growers.rows.map((row) => [link(words.owner(row), inside(row)), words.change(row.bytes),
        words.age(row.overSeconds * 1000)])));
  }
  return element("section", { id: "growth", "aria-labelledby": "growth-title" },
    element("h2", { id: "growth-title" }, "Growth over the last hour"), ...content);
}

function slowCalls() {
  return section("slow", "Slow calls of the last hour", node.slowCalls, null,
    "No call took longer than 20 ms.", {
      columns: [["Call"], ["Took", "number"], ["What it waited for"], ["Answer"], ["Ended", "number"]],
      row: (row) => [element("span", {}, row.method, " ", code(words.layer(row.key))),
        words.millis(row.millis), words.waits(row), row.code, words.time(row.ended)],
    });
}

// --- The lists below ---------------------------------------------------------------------------

function lists() {
  const sections = [];
  const report = node.report;
  if (report) {
    const images = holdings(report, "image");
    sections.push(section("images", "Images", images, "image", "No image is unpacked here."));
    sections.push(section("pods", "Pods by what they write", holdings(report, "pod"), "pod", "No pod holds anything.", shapes.writer));
    const containers = holdings(report, "container");
    if (containers.count > 0) {
      sections.push(section("containers", "Containers without a pod", containers, "container", "", shapes.writer));
    }
    sections.push(section("unclaimed", "Unclaimed", report.unclaimed, null,
      report.containerd ? "Everything is needed by somebody."
        : "Nothing is called unclaimed while containerd does not tell who needs what.", shapes.unclaimed));
    if (report.overLimit.count > 0) {
      sections.push(section("over-limit", "Over their soft limit", report.overLimit, null, "", {
        columns: [["Snapshot"], ["Owner"], ["Size", "number"], ["Limit", "number"]],
        row: (row) => [code(row.key), words.owner(row), words.size(row.bytes), words.size(row.limit)],
      }));
    }
  }
  if (node.quarantine && node.quarantine.error === undefined) {
    sections.push(section("quarantine", "Quarantine", node.quarantine, null,
      "No snapshot is known to be damaged.", {
        columns: [["Snapshot"], ["Kind"], ["Why"], ["Stands on it"]],
        row: (row) => [code(row.key), row.kind, row.reason,
          row.above === 0 ? "nothing" : row.aboveNamed.join(", ") +
            (row.above > row.aboveNamed.length ? " and " + (row.above - row.aboveNamed.length) + " more" : "")],
      }));
  }
  if (node.trash?.stuck?.count > 0) {
    sections.push(section("stuck", "Trash that can't be deleted", node.trash.stuck, null, "", shapes.trash));
  }
  if (node.growth) {
    sections.push(growth());
  }
  sections.push(slowCalls());
  return sections;
}

function holdings(report, kind) {
  const owner = report.owners.find((one) => one.kind === kind);
  return owner ? { rows: owner.rows, count: owner.count } : { rows: [], count: 0 };
}

function section(id, title, part, kind, none, shape = shapes.owner) {
  const content = part.rows.length === 0
    ? [element("p", { class: "none" }, none)]
    : [table(words.shown(part.rows.length, part.count), shape.columns, part.rows.map((row) => shape.row(row)))];
  if (kind && part.count > part.rows.length) {
    content.push(element("p", {}, element("a", { href: "#/kind?kind=" + kind }, "All " + words.number(part.count))));
  }
  return element("section", { id, "aria-labelledby": id + "-title" },
    element("h2", { id: id + "-title" }, title), ...content);
}

function link(name, target) {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", () => {
    open(target);
    at("holders").scrollIntoView();
    at("holders").focus({ preventScroll: true });
  });
  return button;
}

function code(content) {
  return element("code", {}, content);
}

// --- What is new -------------------------------------------------------------------------------

let events = null;
let retry = 0;

/** Listens while the page is seen. Where there is no room for one more viewer, it asks instead. */
function listen() {
  clearTimeout(retry);
  if (document.hidden || events) {
    return;
  }
  events = new EventSource("/api/events");
  events.addEventListener("report", read);
  events.addEventListener("error", () => {
    if (events?.readyState === EventSource.CLOSED) {
      events = null;
      retry = setTimeout(() => {
        read();
        listen();
      }, SLOW);
    }
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    events?.close();
    events = null;
  } else {
    read();
    listen();
  }
});
addEventListener("hashchange", go);
addEventListener("resize", () => chart.redraw());
setInterval(age, 1_000);
go();
read();
listen();
