package verwaltung

import (
	"net/http"

	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// jobsPage shows the work in the background: what failed for good, with its reason, and what waits.
type jobsPage struct {
	ui.Page
	Tabs          ui.Tabs
	Dead, Waiting []jobRow
	Running       int
}

type jobRow struct {
	job.Job
	Name string
}

func showJobs(w http.ResponseWriter, r *web.Request) error {
	page := &jobsPage{Page: ui.Page{Title: r.T("verwaltung.jobs")}, Tabs: systemTabs(r)}
	err := r.Read(func(tx *storage.Tx) error {
		if err := konto.Require(tx, konto.ManageJobs, ""); err != nil {
			return err
		}
		dead, err := job.List(tx, job.Dead)
		if err != nil {
			return err
		}
		waiting, err := job.List(tx, job.Ready)
		if err != nil {
			return err
		}
		page.Dead, page.Waiting = jobRows(r, dead), jobRows(r, waiting)
		page.Running, err = job.Count(tx, job.Running)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/auftraege", page)
}

// systemTabs lead between the pages of the machinery. Whoever only audits sees no others.
func systemTabs(r *web.Request) ui.Tabs {
	tabs := ui.Tabs{Label: r.T("verwaltung.nav_system")}
	for _, x := range [][2]string{{"verwaltung.jobs", "/verwaltung/technik/auftraege"}, {"verwaltung.keys", "/verwaltung/technik/schluessel"},
		{"verwaltung.audit", "/verwaltung/technik/protokoll"}} {
		item := ui.NavItem{Link: ui.Link{Text: r.T(x[0]), Href: x[1]}}
		if r.URL.Path == x[1] {
			item.Current = "page"
		}
		if r.Login.Admin || item.Current != "" {
			tabs.Items = append(tabs.Items, item)
		}
	}
	return tabs
}

func jobRows(r *web.Request, jobs []job.Job) []jobRow {
	rows := make([]jobRow, len(jobs))
	for i, j := range jobs {
		rows[i] = jobRow{j, textOr(r, "verwaltung.job_"+dotless(j.Kind), j.Kind)}
	}
	return rows
}

// act runs one act on a dead job.
func act(w http.ResponseWriter, r *web.Request, notice string, do func(tx *storage.Tx, id string) error) error {
	err := r.Write(func(tx *storage.Tx) error {
		if err := konto.Require(tx, konto.ManageJobs, ""); err != nil {
			return err
		}
		return do(tx, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", notice)
	return r.Redirect(w, "/verwaltung/technik/auftraege")
}

func retryJob(w http.ResponseWriter, r *web.Request) error {
	return act(w, r, "verwaltung.job_retried", job.Retry)
}

func deleteJob(w http.ResponseWriter, r *web.Request) error {
	return act(w, r, "verwaltung.job_deleted", job.Delete)
}

func askDeleteJob(w http.ResponseWriter, r *web.Request) error {
	var dead []job.Job
	err := r.Read(func(tx *storage.Tx) (err error) {
		if err := konto.Require(tx, konto.ManageJobs, ""); err != nil {
			return err
		}
		dead, err = job.List(tx, job.Dead)
		return err
	})
	if err != nil {
		return err
	}
	for _, j := range jobRows(r, dead) {
		if j.ID == r.PathValue("id") {
			return r.Page(w, "verwaltung/bestaetigen", &confirmPage{
				Page: ui.Page{Title: r.T("verwaltung.job_delete_title", j.Name), Back: &ui.Link{Text: r.T("verwaltung.to_jobs"), Href: "/verwaltung/technik/auftraege"}},
				Text: r.T("verwaltung.job_delete_text"), Button: r.T("verwaltung.job_delete_submit"), Action: r.URL.Path})
		}
	}
	return problem.NotFound
}

func firstDeadJob(tx *storage.Tx) ([]string, error) {
	dead, err := job.List(tx, job.Dead)
	if err != nil || len(dead) == 0 {
		return nil, err
	}
	return []string{"/verwaltung/technik/auftraege/" + dead[0].ID + "/loeschen"}, nil
}
