// Command apischemas makes kubeconform's schemas of Kubernetes' own API description, so that
// manifests are checked against a version without a network.
//
//	apischemas swagger.json DIRECTORY
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const reference = "#/definitions/"

type object = map[string]any

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: apischemas swagger.json DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "apischemas:", err)
		os.Exit(1)
	}
}

// write makes one file a kind, named as kubeconform's default names them, with all that it refers to.
func write(swagger, directory string) error {
	text, err := os.ReadFile(swagger)
	if err != nil {
		return err
	}
	var api struct {
		Definitions map[string]object `json:"definitions"`
	}
	if err := json.Unmarshal(text, &api); err != nil {
		return err
	}
	for _, definition := range api.Definitions {
		close(definition)
	}
	api.Definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] =
		object{"type": []string{"integer", "string"}}
	api.Definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] =
		object{"type": []string{"number", "string"}}
	for name, definition := range api.Definitions {
		for _, file := range files(definition) {
			reached := map[string]object{}
			reach(api.Definitions, object{"$ref": reference + name}, reached)
			schema, err := json.Marshal(object{"$ref": reference + name, "definitions": reached})
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(directory, file), schema, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// close refuses properties that an object does not have, as the API server's strict validation does.
func close(schema any) {
	switch value := schema.(type) {
	case object:
		_, hasProperties := value["properties"]
		_, isOpen := value["additionalProperties"]
		if hasProperties && !isOpen {
			value["additionalProperties"] = false
		}
		for _, below := range value {
			close(below)
		}
	case []any:
		for _, below := range value {
			close(below)
		}
	}
}

// files yields KIND-GROUP-VERSION.json for each kind that a definition describes.
func files(definition object) []string {
	var names []string
	kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
	for _, kind := range kinds {
		of := kind.(object)
		group, _, _ := strings.Cut(of["group"].(string), ".")
		parts := []string{of["kind"].(string)}
		if group != "" {
			parts = append(parts, group)
		}
		parts = append(parts, of["version"].(string))
		names = append(names, strings.ToLower(strings.Join(parts, "-"))+".json")
	}
	// A list's, and those that stand for any kind, as DeleteOptions, are in every group.
	if len(names) > 1 {
		return nil
	}
	return names
}

// reach adds every definition that a schema refers to, and those that they refer to.
func reach(all map[string]object, schema any, reached map[string]object) {
	switch value := schema.(type) {
	case object:
		if target, ok := value["$ref"].(string); ok {
			name := strings.TrimPrefix(target, reference)
			if _, seen := reached[name]; !seen {
				reached[name] = all[name]
				reach(all, all[name], reached)
			}
		}
		for _, below := range value {
			reach(all, below, reached)
		}
	case []any:
		for _, below := range value {
			reach(all, below, reached)
		}
	}
}
