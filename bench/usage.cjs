// Preloaded into a measured program: writes what it has cost into the file that BENCH_USAGE names, when it ends.
const { writeFileSync } = require('node:fs');

process.on('exit', () => writeFileSync(process.env.BENCH_USAGE, JSON.stringify(process.resourceUsage())));
