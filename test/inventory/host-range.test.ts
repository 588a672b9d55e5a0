import { describe, expect, test } from 'vitest';
import { expandRanges } from '../../src/inventory/host-range.ts';

describe('a name with ranges', () => {
  test.each([
    ['m1', ['m1']],
    ['m[1:3]', ['m1', 'm2', 'm3']],
    ['m[01:03]', ['m01', 'm02', 'm03']],
    ['m[098:101]', ['m098', 'm099', 'm100', 'm101']],
    ['m[8:11]', ['m8', 'm9', 'm10', 'm11']],
    ['m[:2]', ['m0', 'm1', 'm2']],
    ['m[a:c]', ['ma', 'mb', 'mc']],
    ['m[y:B]', ['my', 'mz', 'mA', 'mB']],
    ['m[0:10:5].x', ['m0.x', 'm5.x', 'm10.x']],
    ['m[01:10:4]', ['m01', 'm05', 'm09']],
    ['m[a:f:2]', ['ma', 'mc', 'me']],
    ['m[3:3]', ['m3']],
    ['[1:2].example.com', ['1.example.com', '2.example.com']],
    ['r[1:2]-[a:b]', ['r1-a', 'r1-b', 'r2-a', 'r2-b']],
  ])('%s stands for its hosts in order', (text, names) => {
    expect(expandRanges(text)).toEqual({ names });
  });

  test.each([
    ['m[1]', '[1] is not a range'],
    ['m[]', '[] is not a range'],
    ['m[1:2:3:4]', '[1:2:3:4] is not a range'],
    ['m[1:]', '[1:] must run from number to number or from letter to letter'],
    ['m[a:5]', '[a:5] must run from number to number or from letter to letter'],
    ['m[aa:cc]', '[aa:cc] must run from number to number or from letter to letter'],
    ['m[3:1]', '[3:1] runs backwards'],
    ['m[c:a]', '[c:a] runs backwards'],
    ['m[01:100]', 'the ends of [01:100] must have the same number of digits'],
    ['m[1:9:0]', 'the step of [1:9:0] must be a whole number from 1'],
    ['m[1:9:-1]', 'the step of [1:9:-1] must be a whole number from 1'],
    ['m[1:999999999]', '[1:999999999] stands for more than 100000 hosts'],
    ['m[0:999][0:999]', "'m[0:999][0:999]' stands for more than 100000 hosts"],
    [`m[1:${'9'.repeat(20)}]`, `[1:${'9'.repeat(20)}] must run from number to number or from letter to letter`],
    ['m[1:2', "a bracket in 'm[1:2' is not closed or not opened"],
    ['m1:2]', "a bracket in 'm1:2]' is not closed or not opened"],
  ])('%s is refused', (text, problem) => {
    expect(expandRanges(text)).toEqual({ problem });
  });
});
