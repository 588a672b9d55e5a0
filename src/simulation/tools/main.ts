import { runTool } from './run-tool.ts';

// A program of an embedded host, in a process of its own, which is why it reads `process`.
const { exitCode, stdout, stderr } = await runTool(process.argv.slice(2), new Date());
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
