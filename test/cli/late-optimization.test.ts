import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lateFlags } from '../../src/cli/late-optimization.ts';

describe('optimizeLate', () => {
  it('names flags that this V8 knows', () => {
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of lateFlags(process.versions.v8)) expect(known).toContain(` ${flag.split('=')[0]} (`);
  });
});
