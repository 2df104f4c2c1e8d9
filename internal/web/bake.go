package web

import (
	"html/template"
	"text/template/parse"

	"rathaus/internal/i18n"
)

// bake writes texts that are the same for every page into the parsed templates: {{t "key"}} becomes plain text, and
// (t "key") given to a component becomes a string. A page has some hundred of them; looking them up, calling a
// function by reflection and escaping the result each time was a good part of rendering. Must run before the set is
// first executed.
func bake(set *template.Template, texts *i18n.Catalogue, lang i18n.Lang) {
	b := baker{texts: texts, lang: lang}
	for _, t := range set.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			b.list(t.Tree.Root)
		}
	}
}

type baker struct {
	texts *i18n.Catalogue
	lang  i18n.Lang
}

func (b baker) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			b.pipe(n.Pipe)
			if s, ok := constant(n.Pipe); ok {
				l.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(template.HTMLEscapeString(s))}
			}
		case *parse.IfNode:
			b.branch(&n.BranchNode)
		case *parse.RangeNode:
			b.branch(&n.BranchNode)
		case *parse.WithNode:
			b.branch(&n.BranchNode)
		case *parse.TemplateNode:
			b.pipe(n.Pipe)
		}
	}
}

func (b baker) branch(n *parse.BranchNode) {
	b.pipe(n.Pipe)
	b.list(n.List)
	b.list(n.ElseList)
}

// pipe replaces each call of t with nothing but a key by its text.
func (b baker) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			if inner, ok := a.(*parse.PipeNode); ok {
				b.pipe(inner)
			}
		}
		if len(c.Args) != 2 || len(p.Cmds) > 1 {
			continue
		}
		name, ok := c.Args[0].(*parse.IdentifierNode)
		key, isString := c.Args[1].(*parse.StringNode)
		if ok && isString && name.Ident == "t" {
			key.Text = b.texts.T(b.lang, key.Text)
			key.Quoted = "\"\"" // only for messages about the template
			c.Args = []parse.Node{key}
		}
	}
}

// constant reports whether a pipeline is nothing but one string.
func constant(p *parse.PipeNode) (string, bool) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return "", false
	}
	s, ok := p.Cmds[0].Args[0].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return s.Text, true
}
