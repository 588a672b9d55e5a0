// Stands in a build for parts of packages that load others, and that kplay never uses: ssh2-promise's SOCKS proxy, and ssh2's agents for http.
module.exports = {};
