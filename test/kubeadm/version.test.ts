import { describe, expect, test } from 'vitest';
import { compareVersions, formatVersion, parseVersion } from '../../src/kubeadm/version.ts';
import { fc } from '../support/random-cases.ts';

describe('a version', () => {
  test.each<[string, string | undefined]>([
    ['v1.33.13', 'v1.33.13'],
    ['1.33.13\n', 'v1.33.13'],
    ['v1.8.0-beta.1', 'v1.8.0'],
    ['v1.29.3+k3s1', 'v1.29.3'],
    ['kubeadm version: &version.Info{Major:"1", Minor:"11", GitVersion:"v1.11.3", GitCommit:"a4529464"}', 'v1.11.3'],
    ['Flag shorthand -o has been deprecated\nv1.10.0', 'v1.10.0'],
    ['v1.33', undefined],
    ['1', undefined],
    ['', undefined],
    ['xv1.2.3', undefined],
    ['kubeadm: command not found', undefined],
  ])('in %j is %s', (text, version) => {
    const parsed = parseVersion(text);
    expect(parsed && formatVersion(parsed)).toBe(version);
  });

  test('is read as it was written', () => {
    const version = fc.record({ major: fc.nat(9), minor: fc.nat(99), patch: fc.nat(99) });
    fc.assert(
      fc.property(version, (value) => {
        expect(parseVersion(formatVersion(value))).toEqual(value);
      }),
    );
  });

  test('is older than the next patch, minor or major', () => {
    const order = ['v1.8.0', 'v1.8.1', 'v1.10.0', 'v1.33.2', 'v1.33.13', 'v2.0.0'];
    const versions = order.map((text) => parseVersion(text)).filter((version) => version !== undefined);
    expect([...versions].reverse().sort(compareVersions).map(formatVersion)).toEqual(order);
    expect(versions.map((version) => compareVersions(version, version))).toEqual(order.map(() => 0));
  });
});
