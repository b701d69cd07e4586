// Command verdicts tells what GitOps tools conclude from Kubernetes objects, by their own code: Argo CD's health by its Lua
// interpreter, Flux's by its kstatus library.
//
//	verdicts health.lua < objects.json
//
// Objects come as a JSON array, and go as a JSON array of what is said of each, in the same order.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Verdict is what one tool says of an object.
type Verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Verdicts is what both say.
type Verdicts struct {
	Argo    Verdict `json:"argo"`
	Kstatus Verdict `json:"kstatus"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: verdicts health.lua < objects.json")
	}
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	var objects []unstructured.Unstructured
	if err := readObjects(&objects); err != nil {
		return err
	}
	verdicts := make([]Verdicts, 0, len(objects))
	for _, object := range objects {
		verdict, err := verdictsOn(string(script), &object)
		if err != nil {
			return fmt.Errorf("%s: %w", object.GetName(), err)
		}
		verdicts = append(verdicts, verdict)
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

// unstructured.Unstructured reads whole numbers as int64, as both tools see them in a cluster.
func readObjects(objects *[]unstructured.Unstructured) error {
	return json.NewDecoder(os.Stdin).Decode(objects)
}

func verdictsOn(script string, object *unstructured.Unstructured) (Verdicts, error) {
	argo, err := healthOf(script, object.Object)
	if err != nil {
		return Verdicts{}, err
	}
	result, err := status.Compute(object)
	if err != nil {
		return Verdicts{}, err
	}
	return Verdicts{Argo: argo, Kstatus: Verdict{Status: result.Status.String(), Message: result.Message}}, nil
}
