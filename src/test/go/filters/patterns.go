package filters

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Parts of regular expressions, valid ones and such that Go refuses.
var (
	atoms = []string{
		"a", "b", "ab", ".", "^", "$", `\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\b`, `\B`, `\A`, `\z`, `\.`, `\/`, `\|`,
		`\x41`, `\x{1F642}`, `\x{10FFFF}`, `\101`, `\0`, `\pL`, `\PL`, `\p{Greek}`, `\P{Han}`, `\p{^Latin}`, `\pN`, `\p{Lu}`,
		"[a-z]", "[^a-z]", "[]a]", "[^]]", `[\d.]`, "[[:alpha:]]", "[[:^digit:]_]", `[\pL\s]`, "[a-b-]", "[é日]", "[😀-🙏]",
		`\Qa.b\E`, `\Q(`, "é", "日", "🙂", "ß", "k", "()", "(?:)", "(a|b)", "(?:a|b|)", "(?P<n>a)", "(?<m>b)", "(?i)", "(?i:aB)",
		"(?s:.)", "(?m:^a$)", "(?U:a+)", "(?-s:.)", "(?is-m:A.)", "|", "x*", "sha256:", "/", `\n`, `\t`, `\v`, `\a`, `\f`, `\r`,
	}
	badAtoms = []string{
		"(", ")", "[", "[z-a]", "[a", "*", "+", "?", "a**", "a{1001}", "a{2,1}", `\`, `\Z`, `\C`, `\G`, `\1`, `\k`, `\p{Nope}`,
		`\pX`, `\x{110000}`, `\xg`, `\E`, "(?=a)", "(?!a)", "(?<=a)", "(?>a)", "(?#c)", "(?P<n>a)(?P<n>a)", "(?P<>a)", "(?P=n)",
		"(?x)a", "(?z)", "[[:nope:]]", "{", "}", "{1}", "{,2}", "a{01}", "a{1", "a++", "a{2}{3}", "(?i)*", "^*", "$+", `\b*`,
		"(?:a{100}){11}", "(?:(?:a{10}){10}){11}", "a{100000}", "(|a)*", "(|a)+", "[^\\x00-\\x{10FFFF}]", "(?P<é>a)", "(?i)ſ",
	}
	quantifiers = []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{0}", "{2,3}?", "{,3}", "{a}"}
)

// pattern is a regular expression that often matches the value.
func (g *generator) pattern(value string) string {
	switch g.random.IntN(6) {
	case 0:
		return value
	case 1:
		return "^" + regexp.QuoteMeta(value) + "$"
	case 2:
		return regexp.QuoteMeta(value)
	}
	text := strings.Builder{}
	for range 1 + g.random.IntN(4) {
		atom := pick(g, atoms)
		if g.oneIn(12) {
			atom = pick(g, badAtoms)
		}
		text.WriteString(atom)
		if g.oneIn(3) {
			text.WriteString(pick(g, quantifiers))
		}
	}
	if g.oneIn(5) {
		return "(" + text.String() + ")" + pick(g, quantifiers)
	}
	return text.String()
}

func sorted(labels map[string]string) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(labels)))
}
