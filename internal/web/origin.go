package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// origin finds the caller's address and scheme. X-Forwarded-* counts only from trusted proxies; the address is the
// last one in the chain that is not such a proxy. X-Forwarded-Host replaces the host name, so that everything behind
// (town, origin check) sees what the browser sees.
func (s *Server) origin(r *http.Request) (netip.Addr, bool) {
	secure := r.TLS != nil || s.cfg.Secure
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, secure
	}
	addr := peer.Addr().Unmap()
	if !s.trusts(addr) {
		return addr, secure
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		secure = proto == "https" || s.cfg.Secure
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" && !strings.ContainsAny(host, ", /") {
		r.Host = host
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(chain) - 1; i >= 0; i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		addr = next.Unmap()
		if !s.trusts(addr) {
			break
		}
	}
	return addr, secure
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.cfg.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// hostName is the host without port, in lower case, without the root dot.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
