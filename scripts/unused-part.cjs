// Stands in a build for parts of packages that load others, and that kplay never uses: scripts/bundle.mjs lists them.
module.exports = {};
