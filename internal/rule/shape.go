package rule

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// shapes tells CEL what the entries of lists hold, so that it checks names and types inside loops too. The values stay plain
// maps.
type shapes struct {
	*types.Registry
	objects map[string]map[string]*types.FieldType
}

// entryType is the name CEL knows the entries of a list by. No identifier of an expression looks like it.
func entryType(path string) string { return "entry:" + path }

func newShapes(all map[string]Shape) (*shapes, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	p := &shapes{Registry: registry, objects: map[string]map[string]*types.FieldType{}}
	for path, s := range all {
		p.add(path, s)
	}
	return p, nil
}

func (p *shapes) add(path string, s Shape) {
	p.object(path)
	for name, t := range s.Fields {
		p.field(path, name, t.cel())
	}
	for name, list := range s.Lists {
		inner := path + "." + name
		p.field(path, name, types.NewListType(types.NewObjectType(entryType(inner))))
		p.add(inner, list)
	}
}

func (p *shapes) object(path string) map[string]*types.FieldType {
	fields, ok := p.objects[entryType(path)]
	if !ok {
		fields = map[string]*types.FieldType{}
		p.objects[entryType(path)] = fields
	}
	return fields
}

// field declares a field; "ort.plz" is the field plz of the object ort.
func (p *shapes) field(path, name string, t *types.Type) {
	for {
		head, rest, nested := strings.Cut(name, ".")
		if !nested {
			p.object(path)[name] = read(name, t)
			return
		}
		p.object(path)[head] = read(head, types.NewObjectType(entryType(path+"."+head)))
		path, name = path+"."+head, rest
		p.object(path)
	}
}

// read takes a field from a map. One that is not there has no value: the evaluation ends open.
func read(name string, t *types.Type) *types.FieldType {
	get := func(target any) (any, bool) {
		m, ok := target.(map[string]any)
		v, there := m[name]
		return v, ok && there
	}
	return &types.FieldType{
		Type:  t,
		IsSet: func(target any) bool { _, ok := get(target); return ok },
		GetFrom: func(target any) (any, error) {
			if v, ok := get(target); ok {
				return v, nil
			}
			return nil, fmt.Errorf("no value: %s", name)
		},
	}
}

func (p *shapes) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.objects[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

func (p *shapes) FindStructFieldNames(name string) ([]string, bool) {
	fields, ok := p.objects[name]
	if !ok {
		return p.Registry.FindStructFieldNames(name)
	}
	names := make([]string, 0, len(fields))
	for n := range fields {
		names = append(names, n)
	}
	return names, true
}

func (p *shapes) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields, ok := p.objects[name]
	if !ok {
		return p.Registry.FindStructFieldType(name, field)
	}
	f, ok := fields[field]
	return f, ok
}

func (p *shapes) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.objects[name]; ok {
		return types.NewErr("rule: entries cannot be made in an expression")
	}
	return p.Registry.NewValue(name, fields)
}
