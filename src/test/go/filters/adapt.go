// Package filters compares the answers of a snapshotter's List with those of containerd's own
// filter package.
package filters

import (
	"strings"

	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/pkg/filters"
)

// fieldsOf gives containerd's filters the fields of a snapshot, as containerd's own snapshotters
// do: only the first part of a path tells the field, but for labels, whose key is all the rest.
func fieldsOf(info snapshots.Info) filters.Adaptor {
	return filters.AdapterFunc(func(path []string) (string, bool) {
		switch path[0] {
		case "kind":
			return strings.ToLower(info.Kind.String()), true
		case "name":
			return info.Name, true
		case "parent":
			return info.Parent, true
		case "labels":
			value, present := info.Labels[strings.Join(path[1:], ".")]
			return value, present
		}
		return "", false
	})
}

// namesMatching is containerd's answer: the names of the snapshots that at least one of the filters
// holds for, or an error if one does not parse.
func namesMatching(all []snapshots.Info, texts []string) ([]string, error) {
	filter, err := filters.ParseAll(texts...)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, info := range all {
		if filter.Match(fieldsOf(info)) {
			names = append(names, info.Name)
		}
	}
	return names, nil
}
