package lint_test

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// allowed is what a package may import from this module besides itself, and why it stands there.
type allowed struct {
	imports []string
	why     string
}

// platform is what every business and web package may use.
func platform() []string {
	return []string{"audit", "blob", "clock", "htmlform", "i18n", "id", "job", "mail", "pdf", "problem", "rule", "seal", "search", "storage"}
}

// business lists the business packages from top to bottom; each may import what stands below it.
func business() []string {
	return []string{"antrag", "formular", "leistung", "akte", "konto", "mandant"}
}

func below(name string) []string {
	list := business()
	return append(platform(), list[slices.Index(list, name)+1:]...)
}

// importMap names each package of the module. Paths are below internal/, commands and tools in full.
func importMap() map[string]allowed {
	all := append(append(platform(), business()...), "fim")
	web := append([]string{"web", "web/ui", "web/formpage"}, all...)
	return map[string]allowed{
		"clock":          {nil, "time is below everything"},
		"id":             {nil, "random numbers only"},
		"problem":        {nil, "the words modules and front ends share"},
		"seal":           {[]string{"id"}, "keys; knows no store"},
		"pdf":            {[]string{"clock"}, "writes bytes; the date is metadata of the document"},
		"i18n":           {[]string{"clock"}, "writes days and times"},
		"storage":        {[]string{"clock", "id", "problem"}, "the two engines behind one interface"},
		"storage/backup": {[]string{"audit", "blob", "clock", "id", "job", "problem", "seal", "storage"}, "copies whole towns with files and keys"},
		"audit":          {[]string{"clock", "problem", "seal", "storage"}, "rows in the same transaction, digests under a key"},
		"job":            {[]string{"clock", "id", "problem", "storage"}, "leased rows"},
		"blob":           {[]string{"clock", "id", "job", "problem", "storage"}, "files and the rows that reference them, swept by a job"},
		"mail":           {[]string{"clock", "id", "job", "problem", "storage"}, "rows sent by a job"},
		"search":         {[]string{"clock", "problem", "storage"}, "index rows change in the row's own transaction"},
		"rule":           {[]string{"clock", "problem"}, "CEL over declared variables; working-day functions"},
		"htmlform":       {[]string{"clock", "i18n", "problem", "rule"}, "fields to HTML and posts back to answers; knows no store"},
		"fim":            {[]string{"clock", "problem"}, "wire structs of XDatenfelder, no SQL"},

		"mandant":  {below("mandant"), "towns are the lowest noun"},
		"konto":    {below("konto"), "people act in units of a town"},
		"akte":     {below("akte"), "records know neither applications nor services"},
		"leistung": {below("leistung"), "services are filed by a rule of akte"},
		"formular": {append(below("formular"), "fim"), "forms belong to services; imported from FIM"},
		"antrag":   {below("antrag"), "applications become Vorgaenge"},

		"web/ui":         {[]string{"clock", "i18n"}, "looks only"},
		"web":            {append([]string{"web/ui", "konto", "mandant"}, platform()...), "the server; sessions and towns are its only business"},
		"web/formpage":   {append([]string{"web", "web/ui"}, all...), "a form as a page, shared by residents' and clerks' pages"},
		"web/portal":     {web, "residents' pages"},
		"web/amt":        {web, "clerks' pages"},
		"web/verwaltung": {web, "administration's pages"},
		"web/api":        {web, "other portals"},

		"app":          {append([]string{"web/portal", "web/amt", "web/verwaltung", "web/api", "storage/backup"}, web...), "wiring; the only package that imports all"},
		"cmd/rathaus":  {[]string{"app"}, "main only hands over"},
		"tools/assets": {nil, "runs before the program exists"},
		"tools/bench":  {append([]string{"app"}, web...), "measures the program from inside"},
		"deps":         {nil, "pins modules while packages are missing"},
	}
}

// short is the path as the map has it.
func short(pkg string) string { return strings.TrimPrefix(pkg, "internal/") }

const module = "rathaus/"

func TestImports(t *testing.T) {
	t.Parallel()
	tr := load(t)
	rules := importMap()
	for _, s := range tr.sources {
		name := short(s.pkg)
		rule, known := rules[name]
		if !known && !s.test {
			t.Errorf("%s: package %s is not in the import map: say what it may import and why", s.path, name)
			continue
		}
		for _, imp := range s.file.Imports {
			target, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module)
			if !ours || short(target) == name {
				continue
			}
			switch {
			case s.test && (isTestPackage(target) || isTestPackage(s.pkg) || slices.Contains(platform(), short(target)) || short(target) == "web"):
				// tests build their world from test builders and the platform
			case !s.test && isTestPackage(target):
				t.Errorf("%s: %s is for tests only", tr.at(imp.Pos()), target)
			case !slices.Contains(rule.imports, short(target)):
				t.Errorf("%s: %s may not import %s (%s)", tr.at(imp.Pos()), name, short(target), rule.why)
			}
		}
	}
}

// The map itself must stay a graph that goes down only.
func TestImportMapHasNoCycle(t *testing.T) {
	t.Parallel()
	rules := importMap()
	state := map[string]int{} // 1 on the way, 2 done
	var visit func(name string, way []string)
	visit = func(name string, way []string) {
		switch state[name] {
		case 1:
			t.Errorf("import cycle in the map: %s", strings.Join(append(way, name), " → "))
			return
		case 2:
			return
		}
		state[name] = 1
		for _, next := range rules[name].imports {
			visit(next, append(way, name))
		}
		state[name] = 2
	}
	for name, rule := range rules {
		visit(name, nil)
		if rule.why == "" {
			t.Errorf("%s: no reason", name)
		}
	}
}

// Business words stay out of the platform: its packages could serve any program.
func TestPlatformIsFreeOfBusiness(t *testing.T) {
	t.Parallel()
	for name, rule := range importMap() {
		if !slices.Contains(platform(), name) {
			continue
		}
		for _, imp := range rule.imports {
			if slices.Contains(business(), imp) || strings.HasPrefix(imp, "web") {
				t.Errorf("%s: the platform may not import %s", name, imp)
			}
		}
	}
}

// Only these talk to a database driver.
func TestDriversStayInStorage(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.sources {
		if s.pkg == "internal/storage" || s.pkg == "internal/storage/storagetest" || s.pkg == "internal/deps" {
			continue
		}
		for _, imp := range s.file.Imports {
			p := strings.Trim(imp.Path.Value, `"`)
			if path.Base(p) == "sql" && strings.HasPrefix(p, "database/") || strings.HasPrefix(p, "modernc.org/sqlite") || strings.HasPrefix(p, "github.com/jackc/pgx") {
				t.Errorf("%s: %s: only storage knows drivers", tr.at(imp.Pos()), p)
			}
		}
	}
}
