package main

import (
	"context"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// What Argo CD allows a script of argocd-cm, whose standard libraries are closed unless `useOpenLibs` is set: a second,
// and these libraries. Its cut-down `os` is left out, for no health script needs the time.
// https://github.com/argoproj/argo-cd/blob/v3.6.1/util/lua/lua.go
const limit = time.Second

var libraries = []struct {
	name string
	open lua.LGFunction
}{
	{lua.LoadLibName, lua.OpenPackage},
	{lua.BaseLibName, lua.OpenBase},
	{lua.TabLibName, lua.OpenTable},
}

// The statuses that Argo CD takes; any other it shows as Unknown.
var statuses = map[string]bool{
	"Healthy": true, "Progressing": true, "Degraded": true, "Suspended": true, "Missing": true, "Unknown": true,
}

// healthOf runs a health script on an object, as the global `obj`.
func healthOf(script string, object map[string]any) (Verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	state.SetContext(ctx)
	for _, library := range libraries {
		call := lua.P{Fn: state.NewFunction(library.open), NRet: 0, Protect: true}
		if err := state.CallByParam(call, lua.LString(library.name)); err != nil {
			return Verdict{}, err
		}
	}
	state.SetGlobal("obj", valueOf(state, object))
	if err := state.DoString(script); err != nil {
		return Verdict{}, err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return Verdict{}, fmt.Errorf("the script returns a %s and no table", state.Get(-1).Type())
	}
	return verdictIn(table)
}

func verdictIn(table *lua.LTable) (Verdict, error) {
	status, message := table.RawGetString("status"), table.RawGetString("message")
	if !statuses[lua.LVAsString(status)] {
		return Verdict{}, fmt.Errorf("the script returns the status %q", lua.LVAsString(status))
	}
	if message.Type() != lua.LTString && message.Type() != lua.LTNil {
		return Verdict{}, fmt.Errorf("the script returns a message that is a %s", message.Type())
	}
	return Verdict{Status: lua.LVAsString(status), Message: lua.LVAsString(message)}, nil
}

func valueOf(state *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case string:
		return lua.LString(typed)
	case int64:
		return lua.LNumber(typed)
	case float64:
		return lua.LNumber(typed)
	case []any:
		table := state.CreateTable(len(typed), 0)
		for _, item := range typed {
			table.Append(valueOf(state, item))
		}
		return table
	case map[string]any:
		table := state.CreateTable(0, len(typed))
		for key, item := range typed {
			table.RawSetString(key, valueOf(state, item))
		}
		return table
	default:
		return lua.LNil
	}
}
