package portal_test

import (
	"testing"

	"rathaus/internal/leistung"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/webtest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, portal.Section(portal.Config{Services: leistung.NewFinder()}))
}
