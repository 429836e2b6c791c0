// Quantities and names, in words for people.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const NUMBER = new Intl.NumberFormat("en");

function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + " " + UNITS[unit];
}

function age(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  for (const [unit, length] of [["d", 86_400], ["h", 3_600], ["min", 60]]) {
    if (seconds >= 2 * length || (unit === "min" && seconds >= length)) {
      return Math.floor(seconds / length) + " " + unit;
    }
  }
  return seconds + " s";
}

function change(bytes) {
  return (bytes > 0 ? "+" : bytes < 0 ? "−" : "±") + size(Math.abs(bytes));
}

function millis(value) {
  return value < 1000 ? value + " ms" : (value / 1000).toFixed(1) + " s";
}

/** A call's time is spent in line for a thread, at work, and for the rest on its client. */
function waits(call) {
  const client = call.millis - call.queuedMillis - call.workedMillis;
  const parts = [["work", call.workedMillis], ["a free thread", call.queuedMillis], ["its client", client]]
    .filter(([, part]) => part > 0 && part >= call.millis / 100)
    .sort(([, one], [, other]) => other - one)
    .map(([what, part]) => what + " " + millis(part));
  return parts.join(", ") + (call.where ? "; last seen at " + step(call.where) : "");
}

/** The innermost step that is ours: of a class and a method in it. */
function step(where) {
  const steps = where.replace(/^in /, "").split(", called by ");
  const own = steps.find((one) => one.startsWith("dev.fuselage.")) ?? steps[0];
  return own.split(".").slice(-2).join(".");
}

function percent(part, whole) {
  if (whole <= 0) {
    return "–";
  }
  const value = (100 * part) / whole;
  return value > 0 && value < 0.1 ? "< 0.1 %" : value.toFixed(value < 10 ? 1 : 0) + " %";
}

/** Each day or less ago by the hour, else by the day; in this browser's time zone. */
function time(instant) {
  const moment = new Date(instant);
  const day = moment.toLocaleDateString("sv");
  const hour = moment.toLocaleTimeString("sv", { hour: "2-digit", minute: "2-digit" });
  return Date.now() - moment < 86_400_000 && new Date().getDate() === moment.getDate() ? hour : day + " " + hour;
}

function count(number, one, many = one + "s") {
  return NUMBER.format(number) + " " + (number === 1 ? one : many);
}

function owner(holding) {
  const name = holding.name || kinds[holding.owner] || "";
  return holding.namespace && holding.owner !== "image" ? holding.namespace + "/" + name : name;
}

/** containerd's keys are namespace/number/key, and layers are named by long digests. */
function layer(key) {
  const own = key.replace(/^[^/]+\/\d+\//, "");
  return own.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1…");
}

/** An image's name without its registry, where there is little room. */
function image(name) {
  return name.replace(/^[^/]*[.:][^/]*\//, "").replace(/^library\//, "");
}

function shown(some, all) {
  return some < all ? "The first " + NUMBER.format(some) + " of " + NUMBER.format(all)
    : all === 1 ? "The only one" : "All " + NUMBER.format(all);
}

const kinds = {
  image: "Images", pod: "Pods", container: "Containers", unpacking: "Being unpacked",
  unclaimed: "Unclaimed", pending: "Needed by nobody yet", unknown: "Of unknown use",
  orphan: "Orphaned directories", trash: "Trash", fuselage: "Fuselage itself",
};

const meanings = {
  image: "Layers of images; those of several images are counted once, as shared",
  pod: "What the containers of pods wrote, and layers that no image but they need",
  container: "The same for containers that Kubernetes did not make",
  unpacking: "Layers on their way",
  unclaimed: "Nobody has needed it for long: free it through containerd",
  pending: "Nobody needs it, but not for long yet",
  unknown: "containerd does not tell what it is for",
  orphan: "Directories without a snapshot; they go to the trash by themselves",
  trash: "Removed, and deleted in the background",
  fuselage: "Its metadata, backups and directories",
};

export const words = {
  change, millis, waits, size, age, percent, time, count, owner, image, layer, shown, kinds, meanings,
  number: (value) => NUMBER.format(value),
};
