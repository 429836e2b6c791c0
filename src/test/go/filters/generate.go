package filters

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/containerd/containerd/v2/core/snapshots"
)

// Words that names and labels are made of: each has something that a filter's grammar, Go's
// quoting or a regular expression takes for its own.
var words = []string{
	"a", "b", "ab", "A", "0", "12", "_", "name", "labels", "kind", "active",
	"a.b", "a,b", "a b", " a", "a ", ".", ",", "/", "|", `"`, "'", "\\", "`",
	"==", "=", "!=x", "~", "k8s.io/5/extract-1-x sha256:ab12", "sha256:0f",
	`a"b`, `a\"b`, `a\x41`, "(a|b)", "[a-z]+", "a.*b", "^a$", "a{2}", "aa", "(", "*", "?",
	"é", "e\u0301", "ß", "ſ", "K", "日本", "🙂", "\u00a0", "\u3000x", "\u200b", "\u2028", "\ufeff",
	"\t", "\n", "a\nb", "\r\n", "\x01", "\x7f", "\u0085", "\u00ad", "\ue000", "\U000e0001",
	"true", "{}", "$", "%s", "<img src=x>", "-", ":", ";", "#", "@", "٣", "Ⅷ", "½", "€",
}

// Keys of labels that every snapshot may have, so that filters meet them often.
var labelKeys = []string{
	"l", "a", "a.b", "a.b.c", "containerd.io/snapshot.ref", "containerd.io/snapshot/x",
	"very complex label", `quo"ted`, `back\slash`, "é", "日本", ".", "..", "a.", ".a", "_", "0",
	"kind", "name", "A", "tab\t", "newline\n", "slash/|pipe", "🙂",
}

// generator makes snapshots and filters; the same seed makes the same ones.
type generator struct {
	random *rand.Rand
}

func newGenerator(seed uint64) *generator {
	return &generator{random: rand.New(rand.NewPCG(seed, 0))}
}

func pick[T any](g *generator, from []T) T {
	return from[g.random.IntN(len(from))]
}

func (g *generator) oneIn(n int) bool {
	return g.random.IntN(n) == 0
}

func (g *generator) text() string {
	var text strings.Builder
	for range 1 + g.random.IntN(3) {
		text.WriteString(pick(g, words))
	}
	return text.String()
}

func (g *generator) labels() map[string]string {
	labels := map[string]string{}
	for range g.random.IntN(5) {
		key := pick(g, labelKeys)
		if g.oneIn(6) {
			key = g.text()
		}
		labels[key] = pick(g, words)
		if g.oneIn(4) {
			labels[key] = g.text()
		}
	}
	return labels
}

// filters are those of one List call: mostly one, sometimes none or several.
func (g *generator) filters(all []snapshots.Info) []string {
	count := pick(g, []int{1, 1, 1, 1, 1, 1, 1, 1, 2, 3})
	if g.oneIn(200) {
		count = 0
	}
	texts := make([]string, count)
	for i := range texts {
		texts[i] = g.filter(all)
	}
	return texts
}

func (g *generator) filter(all []snapshots.Info) string {
	if g.oneIn(100) {
		return ""
	}
	var selectors []string
	for range pick(g, []int{1, 1, 1, 2, 2, 3}) {
		selectors = append(selectors, g.selector(pick(g, all)))
	}
	text := strings.Join(selectors, ","+g.space())
	// The names of Unicode's classes are left whole: Go takes more spellings of them than RE2 does.
	if g.oneIn(8) && !strings.ContainsAny(text, "pP") {
		text = g.mutated(text)
	}
	return text
}

// selector is likely to hold for the snapshot, so that answers are not all empty.
func (g *generator) selector(info snapshots.Info) string {
	path, value := g.field(info)
	path = g.space() + path
	if g.oneIn(6) {
		return path
	}
	if g.oneIn(4) {
		value = pick(g, words)
	}
	operator := pick(g, []string{"==", "==", "!=", "~=", "~="})
	if g.oneIn(30) {
		operator = pick(g, []string{"===", "=~", "=", "!", "~", "~~=", "!==", "<", "==!", ""})
	}
	return path + g.space() + operator + g.space() + g.value(operator, value)
}

func (g *generator) field(info snapshots.Info) (path, value string) {
	switch g.random.IntN(12) {
	case 0, 1:
		return g.path("name"), info.Name
	case 2:
		return g.path("parent"), info.Parent
	case 3:
		return g.path("kind"), strings.ToLower(info.Kind.String())
	case 4:
		return g.path(pick(g, []string{"labels", "unknown", "Name", "label", "0", "_", "id"})), ""
	case 5:
		return g.path("name", pick(g, words)), info.Name
	}
	key := pick(g, labelKeys)
	for existing := range sorted(info.Labels) {
		if g.oneIn(2) {
			key = existing
		}
	}
	if g.oneIn(3) {
		return g.path(append([]string{"labels"}, strings.Split(key, ".")...)...), info.Labels[key]
	}
	return g.path("labels", key), info.Labels[key]
}

func (g *generator) path(parts ...string) string {
	written := make([]string, len(parts))
	for i, part := range parts {
		written[i] = part
		if !isBare(part) || g.oneIn(10) {
			written[i] = g.quoted(`"`, part)
		}
	}
	dot := "."
	if g.oneIn(15) {
		dot = pick(g, []string{". ", " .", "..", ".\t"})
	}
	return strings.Join(written, dot)
}

func isBare(part string) bool {
	for _, r := range part {
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return part != ""
}

func (g *generator) value(operator, value string) string {
	quote := `"`
	if strings.Contains(operator, "~") {
		value = g.pattern(value)
		quote = pick(g, []string{`"`, "/", "|"})
	}
	if g.oneIn(40) {
		quote = pick(g, []string{`"`, "/", "|", "'", "`"})
	}
	if g.oneIn(3) {
		return value
	}
	return g.quoted(quote, value)
}

// quoted writes each character as itself or as one of the escapes for it, rarely as a bad one.
func (g *generator) quoted(quote, value string) string {
	text := strings.Builder{}
	text.WriteString(quote)
	for _, r := range value {
		text.WriteString(g.escaped(quote, r))
	}
	if g.oneIn(25) {
		text.WriteString(pick(g, oddEscapes))
	}
	if !g.oneIn(60) {
		text.WriteString(quote)
	}
	return text.String()
}

var oddEscapes = []string{
	`\xff`, `\xc3\xa9`, `\xc3`, `\377`, `\400`, `\12`, `\8`, `\x4`, `\xg0`, `\u12`, `\u00e9`, `\ud83d\ude42`,
	`\udc00`, `\U00110000`, `\U0001F642`, `\Uffffff41`, `\UFFFFFFFF`, `\U80000041`, `\U7fffffff`, `\U0000d800`,
	`\a`, `\b`, `\f`, `\v`, `\'`, `\"`, `\/`, `\|`, "\\`", `\`, `\\`, `\d`, `\s`, `\0`, `\000`, `\x00`, `\u0000`,
	`\ufffd`, "\\\n", "\\é", "\n", `\u٣٣٣٣`, `\e`, `\N`,
}

func (g *generator) escaped(quote string, r rune) string {
	named := map[rune]string{
		'\a': `\a`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\v': `\v`, '\\': `\\`,
	}
	escape, known := named[r]
	if string(r) == quote {
		escape, known = `\`+quote, true
	}
	switch {
	case known && !g.oneIn(30):
		return escape
	case !g.oneIn(12):
		return string(r)
	}
	switch g.random.IntN(4) {
	case 0:
		return fmt.Sprintf(`\U%08x`, r)
	case 1:
		if r <= 0xffff {
			return fmt.Sprintf(`\u%04X`, r)
		}
	case 2:
		return g.bytesOf(r, `\x%02x`)
	}
	return g.bytesOf(r, `\%03o`)
}

func (g *generator) bytesOf(r rune, format string) string {
	text := strings.Builder{}
	for _, b := range []byte(string(r)) {
		fmt.Fprintf(&text, format, b)
	}
	return text.String()
}

// space is mostly none, else all that Unicode takes for white space, and some that it does not.
func (g *generator) space() string {
	if !g.oneIn(20) {
		return ""
	}
	return pick(g, []string{
		" ", " ", "  ", "\t", "\n", "\v", "\f", "\r", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028",
		"\u2029", "\u202f", "\u205f", "\u3000", "\u200b", "\u180e", "\ufeff", "\x1c", "\x1f",
	})
}

// mutated is the text with something broken.
func (g *generator) mutated(text string) string {
	runes := []rune(text)
	at := g.random.IntN(len(runes) + 1)
	inserted := []rune(pick(g, []string{
		"\x00", "\ufffd", ",", ".", `"`, "/", "|", `\`, "=", "!", "~", " ", "\n", "\u200b", "é", "a", "0", "'", "(",
	}))
	switch g.random.IntN(4) {
	case 0:
		return string(runes[:at])
	case 1:
		return string(runes[at:])
	case 2:
		if at < len(runes) {
			return string(runes[:at]) + string(runes[at+1:])
		}
	}
	return string(runes[:at]) + string(inserted) + string(runes[at:])
}
