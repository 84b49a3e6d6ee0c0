// Command luahealth tells what Argo CD 3.6 makes of health checks, with the Lua interpreter that it uses. It takes JSON from
// standard input, a list of [lua, open_libs, object], and writes one line of JSON for each: {status, message,
// deletionMessage, none, error}, where none is a check without an answer. What Argo CD does around the interpreter is
// followed step by step, from util/lua/lua.go; only its own os library is left out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"
	luajson "layeh.com/gopher-json"
)

type health struct {
	Status          string `json:"status,omitempty"`
	Message         string `json:"message,omitempty"`
	DeletionMessage string `json:"deletionMessage,omitempty"`
}

type answer struct {
	health
	None  bool   `json:"none,omitempty"`
	Error string `json:"error,omitempty"`
}

var codes = []string{"Unknown", "Progressing", "Suspended", "Healthy", "Degraded", "Missing"}

func main() {
	var checks [][3]any
	if err := json.NewDecoder(os.Stdin).Decode(&checks); err != nil {
		log.Fatal(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	for _, check := range checks {
		result, err := run(check[0].(string), check[1].(bool), check[2])
		if err != nil {
			result.Error = err.Error()
		}
		if err := encoder.Encode(result); err != nil {
			log.Fatal(err)
		}
	}
}

func run(script string, openLibs bool, object any) (answer, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: !openLibs})
	defer state.Close()
	lua.OpenPackage(state)
	lua.OpenBase(state)
	lua.OpenTable(state)
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(limit)
	state.SetTop(0)
	state.SetGlobal("actionParams", state.NewTable())
	state.SetGlobal("obj", luajson.DecodeValue(state, object))
	function, err := state.LoadString(script)
	if err != nil {
		return answer{}, err
	}
	state.Push(function)
	if err := state.PCall(0, lua.MultRet, nil); err != nil {
		return answer{}, err
	}
	return read(state.Get(-1))
}

func read(value lua.LValue) (answer, error) {
	switch value.Type() {
	case lua.LTNil:
		return answer{None: true}, nil
	case lua.LTTable:
	default:
		return answer{}, fmt.Errorf("expect table output from Lua script, not %s", value.Type())
	}
	text, err := luajson.Encode(value)
	if err != nil {
		return answer{}, err
	}
	var found health
	if err := json.Unmarshal(text, &found); err != nil {
		if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
			return answer{}, nil
		}
		return answer{}, err
	}
	if !slices.Contains(codes, found.Status) {
		return answer{health: health{Status: "Unknown", Message: "Lua returned an invalid health status"}}, nil
	}
	return answer{health: found}, nil
}
