import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { checker, saidOf } from '../support/written-task.ts';

describe('parameters that exclude each other', () => {
  test.each<[string, JsonObject, string]>([
    ['debug', { msg: 'x', var: { x: 1 } }, 'debug takes either msg or var'],
    ['assert', { that: [{ a: true }], msg: 'a', fail_msg: 'b' }, 'assert takes either msg or fail_msg'],
    ['command', { cmd: 'x', argv: ['x'] }, 'command takes either cmd or argv'],
    ['command', { creates: '/x' }, 'command needs either cmd or argv'],
    ['command', { cmd: null }, 'command needs either cmd or argv'],
    ['wait_for', { port: 1, path: '/x' }, 'wait_for takes either port or path'],
    ['include_vars', { file: 'a', dir: 'b' }, 'include_vars takes either file or dir'],
    ['include_vars', { name: 'a' }, 'include_vars needs either file or dir'],
  ])('of %s, when templates have been filled in: %j', (step, params, message) => {
    const wrong = { kind: 'wrong', problems: [{ path: '', message, hint: 'give it one of them' }] };
    expect(checker.complete(step, params)).toEqual(wrong);
  });

  test('of which one is needed, where Ansible pauses without one', () => {
    const hint = 'give it one of them; to pause write command: sleep 30, with changed_when: false';
    const problems = [{ path: '', message: 'wait_for needs either port or path', hint }];
    expect(checker.complete('wait_for', { timeout: '30s' })).toEqual({ kind: 'wrong', problems });
  });

  test('of which one at least is needed, when templates have been filled in', () => {
    const said = { path: '', message: 'service needs state or enabled', hint: 'give it at least one of them' };
    expect(checker.complete('service', { name: 'x' })).toEqual({ kind: 'wrong', problems: [said] });
    expect(checker.complete('service', { name: 'x', enabled: true }).kind).toBe('complete');
  });

  test.each<[string, JsonObject]>([
    ['debug', {}],
    ['debug', { msg: 'x' }],
    ['assert', { that: [{ a: true }] }],
    ['command', { argv: ['x'] }],
    ['wait_for', { path: '/x' }],
  ])('of which %s has one, or needs none: %j', (step, params) => {
    expect(checker.complete(step, params).kind).toBe('complete');
  });

  test.each([
    ['command: { cmd: ls, argv: [ls] }', 'p.yml:3:27 command takes either cmd or argv'],
    ['command: { creates: /x }', 'p.yml:3:7 command needs either cmd or argv'],
    ['include_vars: {}', 'p.yml:3:7 include_vars needs either file or dir'],
    ['service: { name: kubelet }', 'p.yml:3:7 service needs state or enabled'],
    ['include_vars: { file: a.yml, depth: 2 }', 'p.yml:3:36 depth has no effect without dir'],
    ['wait_for: { path: /x, host: m1 }', 'p.yml:3:29 host has no effect without port'],
  ])('as they are written: %s', (task, message) => {
    expect(saidOf(task)).toEqual([message]);
  });

  test.each([
    'command: { cmd: "{{ a | default(omit) }}", argv: "{{ b | default(omit) }}" }',
    'command: { cmd: "{{ a | default(omit) }}" }',
    'debug: { msg: "{{ a | default(omit) }}", var: b }',
    'service: { name: x, state: "{{ a | default(omit) }}" }',
    'include_vars: { dir: "{{ a | default(omit) }}", depth: 2 }',
  ])('and may be left out are left to whoever fills in their templates: %s', (task) => {
    expect(saidOf(task)).toEqual([]);
  });
});
