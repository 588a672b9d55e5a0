import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createParameterChecker } from '../../src/playbook/parameters/parameter-checker.ts';
import { catalogue, playbookWith, problemsOf, SHIPPED, taskOf } from './support/playbooks.ts';

const checker = await createParameterChecker(catalogue);

describe('parameters as they are written', () => {
  test('of the shipped playbook are right', () => {
    expect(problemsOf(SHIPPED)).toEqual([]);
  });

  test.each([
    'certs.check: { renew_before: "{{ anything }}" }',
    'certs.check: { renew_before: }',
    'certs.backup: { to: /x, keep: "{{ n }}" }',
    'certs.backup: { to: /x, keep: ~ }',
    'certs.regenerate: { method: "{{ m }}", key_size: "{{ s }}" }',
    'certs.regenerate: { sans: keep }',
    'certs.regenerate: { sans: "{{ s }}" }',
    'certs.regenerate: { sans: [a, "{{ b }}"] }',
    'kubeconfig.regenerate: { users: "{{ u }}" }',
    'cluster.verify: { probes: [{ port: "{{ p }}", tls: "{{ t }}" }, "{{ probe }}"] }',
    'cluster.verify: { headers: { a: "{{ h }}" } }',
    'cluster.verify: { delay: 5 }',
    'cluster.verify: { delay: "{{ d }}" }',
    'command: "{{ c }}"',
    'file: { path: /x, mode: "0644", force: true, ratio: 0.5 }',
  ])('%s is right', (task) => {
    expect(problemsOf(playbookWith(task))).toEqual([]);
  });

  const MODE = 'mode must be a string, not the number';
  test.each([
    ['certs.backup:', '3:7: certs.backup needs the parameter to (add to: … (directory on the host))'],
    ['certs.backup: { to: , keep: 1 }', '3:7: certs.backup needs the parameter to (add to: … (directory on the host))'],
    ['command: { chdir: / }', '3:7: command needs the parameter cmd (add cmd: …)'],
    ['certs.backup: to=/x keep=many', "3:32: keep must be a whole number of at least 1, not 'many'"],
    ["certs.backup: to='/x' keep='many'", "3:34: keep must be a whole number of at least 1, not 'many'"],
    ['certs.backup: to=/x kep=5', "3:27: certs.backup has no parameter 'kep' (did you mean keep?)"],
    ['certs.backup: to=/xkeep=0 keep=0', '3:38: keep must be a whole number of at least 1, not the number 0'],
    ['certs.backup: "to=/x kep=\\x35"', "3:21: certs.backup has no parameter 'kep' (did you mean keep?)"],
    ['certs.backup: { to: /x, kep: 5 }', "3:31: certs.backup has no parameter 'kep' (did you mean keep?)"],
    ['certs.backup: { to: /x, xyzzy: 5 }', "3:31: certs.backup has no parameter 'xyzzy' (it takes to, keep)"],
    ['certs.delete: { x: 1 }', "3:23: certs.delete has no parameter 'x' (remove it: it takes none)"],
    ['certs.backup: { to: 5 }', '3:27: to must be a non-empty string, not the number 5 (quote it: "5")'],
    ['certs.backup: { to: "" }', '3:27: to must be a non-empty string, not an empty string'],
    ['certs.backup: { to: [] }', '3:27: to must be a non-empty string, not an empty list'],
    ['certs.backup: { to: /x, keep: 0 }', '3:37: keep must be a whole number of at least 1, not the number 0'],
    ['certs.backup: { to: /x, keep: 1.5 }', '3:37: keep must be a whole number of at least 1, not the number 1.5'],
    [
      'certs.backup: { to: /x, keep: "5" }',
      "3:37: keep must be a whole number of at least 1, not '5' (write 5 without quotes)",
    ],
    ['certs.backup: { to: /x, keep: many }', "3:37: keep must be a whole number of at least 1, not 'many'"],
    [
      'certs.regenerate: { method: autp }',
      "3:35: method must be one of auto, renew, phase, native, not 'autp' (did you mean auto?)",
    ],
    [
      'certs.check: { renew_before: "5" }',
      "3:36: renew_before cannot be '5' (what expires within this time is due: a duration such as 30d, or all)",
    ],
    ['certs.regenerate: { method: xyzzy }', "3:35: method must be one of auto, renew, phase, native, not 'xyzzy'"],
    ['certs.regenerate: { method: 5 }', '3:35: method must be one of auto, renew, phase, native, not the number 5'],
    ['certs.regenerate: { key_size: 1024 }', '3:37: key_size must be one of 2048, 4096, not the number 1024'],
    [
      'certs.regenerate: { key_size: "2048" }',
      "3:37: key_size must be one of 2048, 4096, not '2048' (write 2048 without quotes)",
    ],
    [
      'certs.regenerate: { sans: kep }',
      "3:33: sans must be keep or a non-empty list of strings, not 'kep' (did you mean keep?)",
    ],
    ['certs.regenerate: { sans: 5 }', '3:33: sans must be keep or a non-empty list of strings, not the number 5'],
    [
      'certs.regenerate: { sans: [a, 5] }',
      '3:37: sans[1] must be a non-empty string, not the number 5 (quote it: "5")',
    ],
    ['certs.regenerate: { sans: [] }', '3:33: sans must be a non-empty list of strings, not an empty list'],
    [
      'kubeconfig.regenerate: { users: root }',
      "3:39: users must be a list of strings, not 'root' (write a list: [root])",
    ],
    [
      'kubeconfig.regenerate: { users: "a, b" }',
      `3:39: users must be a list of strings, not 'a, b' (write a list: ["a, b"])`,
    ],
    ['kubeconfig.regenerate: { users: { root: 1 } }', '3:39: users must be a list of strings, not a mapping'],
    ['cluster.verify: { timeout: soon }', "3:34: timeout cannot be 'soon' (how long to wait, such as 5m)"],
    [
      'cluster.verify: { timeout: 5 }',
      '3:34: timeout must be a string, not the number 5 (how long to wait, such as 5m)',
    ],
    [
      'cluster.verify: { probes: { port: 1 } }',
      '3:33: probes must be a list of mappings, not a mapping (begin each entry with "- ")',
    ],
    ['cluster.verify: { probes: [{}] }', '3:34: probes[0] needs port (add port: …)'],
    [
      'cluster.verify: { probes: [{ port: 0 }] }',
      '3:42: probes[0].port must be a whole number from 1 to 65535, not the number 0',
    ],
    [
      'cluster.verify: { probes: [{ port: 1, tls: y }] }',
      "3:50: probes[0].tls must be true or false, not 'y' (write true or false)",
    ],
    ['cluster.verify: { probes: [{ port: 1, tl: true }] }', "3:45: probes[0] has no key 'tl' (did you mean tls?)"],
    [
      'cluster.verify: { headers: { a/b~c: 1 } }',
      '3:43: headers.a/b~c must be a string, not the number 1 (quote it: "1")',
    ],
    [
      'cluster.verify: { headers: { a: } }',
      '3:39: headers.a has no value: it must be a string (write a value, or remove the key)',
    ],
    ['cluster.verify: { delay: 5m }', "3:32: delay cannot be '5m' (it must match ^\\d+s$)"],
    ['cluster.verify: { delay: 1.5 }', '3:32: delay must be a whole number or a string, not the number 1.5'],
    ['file: { path: /x, mode: 0644 }', `3:31: ${MODE} 420 (quote it, "0644": it was read as 420)`],
    ['file: { path: /x, mode: 0o644 }', "3:31: mode cannot be '0o644' (four octal digits)"],
    ['file: { path: /x, mode: "644" }', "3:31: mode cannot be '644' (four octal digits)"],
    ['file: { path: 1.10 }', '3:21: path must be a string, not the number 1.1 (quote it, "1.10": it was read as 1.1)'],
    [
      'file: { path: /x, force: "yes" }',
      "3:32: force must be true or false, not 'yes' (write true or false, without quotes)",
    ],
    ['file: { path: /x, ratio: 2 }', '3:32: ratio must be a number of at most 1, not the number 2'],
    [
      'certs.check: { renew_before: 0 }',
      '3:36: renew_before must be a string, not the number 0 (what expires within this time is due: a duration such as 30d, or all)',
    ],
    ['command: true', '3:16: cmd must be a non-empty string, not true (quote it: "true")'],
    ['command: ""', '3:16: cmd must be a non-empty string, not an empty string'],
  ])('%s is wrong', (task, problem) => {
    expect(problemsOf(playbookWith(task))).toEqual([`error ${problem}`]);
  });

  test('everything wrong is told at once', () => {
    const problems = problemsOf(playbookWith('certs.backup: { keep: many, kep: 1 }'));
    expect(problems.map((problem) => problem.slice(0, 11))).toEqual(['error 3:7: ', 'error 3:35:', 'error 3:29:']);
  });

  test('what stands on the lines below is shown by its first', () => {
    expect(problemsOf(playbookWith('certs.backup:\n  to:\n    - a\n    - b'))).toEqual([
      'error 5:11: to must be a non-empty string, not a list',
    ]);
  });

  test('what a variable or a default gives need not be written', async () => {
    const parameter = { type: 'string' } as const;
    const given = await createParameterChecker({
      strategies: new Set(),
      steps: new Map([
        [
          'command',
          {
            schema: {
              type: 'object',
              properties: {
                a: { ...parameter, 'x-default-variable': 'v' },
                b: { ...parameter, default: 'x' },
                c: parameter,
              },
              required: ['a', 'b', 'c'],
            },
          },
        ],
      ]),
    });
    const problems = new Problems();
    for (const written of ['{ d: x }', '{ d: "{{ x }}" }']) {
      const { step, params } = taskOf(`command: ${written}`);
      given.check(step, params, problems);
    }
    const message = 'command needs the parameter c';
    expect(problems.all.map((problem) => problem.message)).toEqual([message, message]);
  });
});

describe('parameters after their templates were rendered', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['certs.check', {}, { renew_before: '30d' }],
    ['certs.check', { renew_before: null }, { renew_before: '30d' }],
    ['certs.check', { renew_before: '1d' }, { renew_before: '1d' }],
    ['certs.backup', { to: '/x' }, { to: '/x', keep: 5 }],
    ['kubeconfig.regenerate', {}, { users: ['root'] }],
    ['cluster.verify', { probes: [{ port: 1 }] }, { probes: [{ port: 1, tls: true }] }],
    ['command', { cmd: 'echo {{' }, { cmd: 'echo {{' }],
  ])('%s %j are completed', (step, given, params) => {
    const before = JSON.stringify(given);
    expect(checker.complete(step, given)).toEqual({ kind: 'complete', params });
    expect(JSON.stringify(given)).toBe(before);
  });

  test('defaults are not shared between tasks', () => {
    const [one, other] = [checker.complete('kubeconfig.regenerate', {}), checker.complete('kubeconfig.regenerate', {})];
    if (one.kind !== 'complete' || other.kind !== 'complete') throw new Error('wrong');
    expect(one.params['users']).not.toBe(other.params['users']);
  });

  test.each<[string, JsonObject, string, string, string?]>([
    ['certs.backup', {}, '', 'certs.backup needs the parameter to', 'add to: … (directory on the host)'],
    ['certs.backup', { to: '/x', keep: '{{ n }}' }, 'keep', "keep must be a whole number of at least 1, not '{{ n }}'"],
    ['certs.delete', { x: 1 }, '', "certs.delete has no parameter 'x'", 'remove it: it takes none'],
    ['kubeconfig.regenerate', { users: ['a', 5] }, 'users[1]', 'users[1] must be a string, not the number 5'],
    [
      'cluster.verify',
      { probes: [{ port: 1 }, { port: 'x' }] },
      'probes[1].port',
      "probes[1].port must be a whole number from 1 to 65535, not 'x'",
    ],
    ['cluster.verify', { timeout: 'soon' }, 'timeout', "timeout cannot be 'soon'", 'how long to wait, such as 5m'],
  ])('%s %j are wrong', (step, given, path, message, hint) => {
    const complaint = hint === undefined ? { path, message } : { path, message, hint };
    expect(checker.complete(step, given)).toEqual({ kind: 'wrong', problems: [complaint] });
  });

  test('a long value is not quoted to its end', () => {
    const completion = checker.complete('cluster.verify', { timeout: 'x'.repeat(1000) });
    expect(completion).toMatchObject({ problems: [{ message: `timeout cannot be '${'x'.repeat(40)}…'` }] });
  });

  test('a step that the catalogue does not have is a bug of the caller', () => {
    expect(() => checker.complete('nothing', {})).toThrow('the catalogue has no step nothing');
  });
});
