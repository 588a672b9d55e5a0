import { runTool } from './run-tool.ts';

// A program of an embedded host, in a process of its own, which is why it reads `process`.
runTool(process.argv.slice(2), new Date()).then(({ exitCode, stdout, stderr }) => {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
});
