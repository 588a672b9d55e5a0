import { describe, expect, test } from 'vitest';
import { nearest, suggestion } from '../../src/core/suggest.ts';

const STEPS = ['certs.check', 'certs.backup', 'copy', 'command'];

describe('the nearest word', () => {
  test.each([
    ['cert.check', 'certs.check'],
    ['CERTS.CHECK', 'certs.check'],
    ['certs.chekc', 'certs.check'],
    ['cpy', 'copy'],
    ['cy', undefined],
    ['shell', undefined],
    ['', undefined],
  ])('to %j is %s', (word, meant) => {
    expect(nearest(word, STEPS)).toBe(meant);
  });

  test('is the first of those that are as near', () => {
    expect(nearest('cats', ['bats', 'cuts'])).toBe('bats');
    // Of two that are as near, the one that has all its letters.
    expect(nearest('taks', ['tags', 'tasks'])).toBe('tasks');
    expect(nearest('taks', ['tasks', 'tags'])).toBe('tasks');
  });
});

test('two neighbouring letters that are swapped are one error, also in a short word', () => {
  expect(nearest('rnu', ['run', 'plan'])).toBe('run');
  expect(nearest('urn', ['run'])).toBe('run');
  expect(nearest('nur', ['run'])).toBeUndefined();
  expect(nearest('run', ['run'])).toBe('run');
  // Nearer than a word that has another letter.
  expect(nearest('from', ['fork', 'form'])).toBe('form');
});

describe('a suggestion', () => {
  test('names what may have been meant, and what there is', () => {
    expect(suggestion('coppy', STEPS, 'the steps are')).toBe(
      'did you mean copy? the steps are certs.check, certs.backup, copy, command',
    );
    expect(suggestion('shell', STEPS, 'the steps are')).toBe('the steps are certs.check, certs.backup, copy, command');
  });

  test('may mean a word that the list does not show', () => {
    expect(suggestion('debgu', STEPS, 'there are', ['debug'])).toMatch(/^did you mean debug\? there are certs/);
  });

  test('cuts a long list off and says how long it is', () => {
    const many = Array.from({ length: 14 }, (_, index) => `host-${index}`);
    expect(suggestion('x', many, 'there are')).toBe(
      'there are host-0, host-1, host-2, host-3, host-4, host-5, host-6, host-7, host-8, host-9, host-10, host-11, … (14 in all)',
    );
  });

  test.each([
    ['locked', 'host-locked, lock-failed, lock-in-use'],
    ['expierd', 'ca-expired'],
    ['etcd-quorm', 'etcd-quorum, etcd-alarm'],
    ['ETCD', 'etcd-alarm, etcd-quorum'],
  ])('of a long list shows what is like %s', (word, like) => {
    const codes = ['ca-expired', 'etcd-alarm', 'etcd-quorum', 'host-locked', 'lock-failed', 'lock-in-use', 'peer-lost'];
    const many = [...Array.from({ length: 12 }, (_, index) => `unreachable-${index}`), ...codes];
    expect(suggestion(word, many, 'the codes are')).toMatch(new RegExp(`the codes are ${like}, … \\(19 in all\\)$`));
  });
});
