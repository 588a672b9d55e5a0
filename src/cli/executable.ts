import { SIMULATED_PROGRAM } from './inputs/package-files.ts';
import { VERSION } from './version.ts';

// The entry point of the single-file executable, which is also the programs of the simulated hosts of `kplay demo`.

const [first, ...rest] = process.argv.slice(2);
start().then((exitCode) => {
  process.exitCode = exitCode;
});

async function start(): Promise<number> {
  if (first === SIMULATED_PROGRAM) return simulate(rest);
  if (rest.length > 0 || (first !== '--version' && first !== '-V'))
    return (await import('./run/run-process.ts')).runProcess(process.argv.slice(2));
  process.stdout.on('error', () => undefined).write(`${VERSION}\n`);
  return 0;
}

async function simulate(words: readonly string[]): Promise<number> {
  const { runTool } = await import('../simulation/tools/run-tool.ts');
  const { exitCode, stdout, stderr } = await runTool(words, new Date());
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return exitCode;
}
