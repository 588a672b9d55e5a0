import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { installing, type ProgramName } from './programs.ts';

/** Tells at the end of a run which tests were skipped because this machine lacks a program, and how to get it. */
export class MissingPrograms implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const report = missingReport(modules.flatMap((module) => [...module.children.allTests('skipped')].map(missingFor)));
    if (report !== '') process.stdout.write(`\n${report}`);
  }
}

/** What a skipped test, or a suite around it, has said to be missing. */
function missingFor(test: TestCase): readonly ProgramName[] {
  for (let task: TestCase | TestSuite | TestModule = test; task.type !== 'module'; task = task.parent) {
    const { missing } = task.meta();
    if (missing) return missing;
  }
  return [];
}

/** From the missing programs of each skipped test to a few lines; nothing when no program was missing. */
export function missingReport(skipped: readonly (readonly ProgramName[])[]): string {
  const without = skipped.filter((missing) => missing.length > 0);
  if (without.length === 0) return '';
  const programs = [...new Set(without.flat())].sort();
  const width = Math.max(...programs.map((name) => name.length));
  const lines = programs.map((name) => {
    const count = without.filter((missing) => missing.includes(name)).length;
    return `  ${name.padEnd(width)}  ${String(count).padStart(4)}  ${installing(name)}\n`;
  });
  const count = without.length === 1 ? '1 test was' : `${without.length} tests were`;
  return `${count} skipped: not everything that they need is installed (KPLAY_REQUIRE_ORACLES=1 makes that a failure).\n${lines.join('')}`;
}
