package web_test

import (
	"testing"

	"rathaus/internal/web"
	"rathaus/internal/web/webtest"
)

func TestErrorSection(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, web.ErrorSection())
}
