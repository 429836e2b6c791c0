# Makes docs/chart-values.md of the chart's values.yaml: each key with its default and the comment above it.

/^ *#/ {
  sub(/^ *# ?/, "")
  comment = comment (comment == "" ? "" : " ") $0
  next
}

/^ *[A-Za-z][A-Za-z0-9_.-]*:/ {
  depth = match($0, /[^ ]/) - 1
  key = substr($0, depth + 1)
  value = key
  sub(/:.*/, "", key)
  sub(/^[^:]*: */, "", value)
  path[depth] = key
  name = ""
  for (level = 0; level <= depth; level += 2) {
    name = name (name == "" ? "" : ".") path[level]
  }
  if (value != "" || comment != "") {
    gsub(/\|/, "\\|", comment)
    printf "| `%s` | %s | %s |\n", name, (value == "" ? "" : "`" value "`"), comment
  }
}

{ comment = "" }
