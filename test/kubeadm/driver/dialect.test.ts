import { describe, expect, test } from 'vitest';
import { dialectOf, NEWEST_MINOR, OLDEST_MINOR } from '../../../src/kubeadm/driver/dialect.ts';

/** Reference, sections 2.1 and 2.5, and kubeadm's own change logs: minor, config API, renew, create, kubeconfig of any user. */
const RECORDED = `
  8  | v1alpha1 | -                        | alpha phase certs | alpha phase kubeconfig user
  9  | v1alpha1 | -                        | alpha phase certs | alpha phase kubeconfig user
  10 | v1alpha1 | -                        | alpha phase certs | alpha phase kubeconfig user
  11 | v1alpha2 | -                        | alpha phase certs | alpha phase kubeconfig user
  12 | v1alpha3 | alpha phase certs renew  | alpha phase certs | alpha phase kubeconfig user
  13 | v1beta1  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  14 | v1beta1  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  15 | v1beta2  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  16 | v1beta2  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  17 | v1beta2  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  18 | v1beta2  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  19 | v1beta2  | alpha certs renew        | init phase certs  | alpha kubeconfig user
  20 | v1beta2  | certs renew              | init phase certs  | alpha kubeconfig user
  21 | v1beta2  | certs renew              | init phase certs  | kubeconfig user
  22 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  23 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  24 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  25 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  26 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  27 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  28 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  29 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  30 | v1beta3  | certs renew              | init phase certs  | kubeconfig user
  31 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  32 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  33 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  34 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  35 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  36 | v1beta4  | certs renew              | init phase certs  | kubeconfig user
  37 | v1beta4  | certs renew              | init phase certs  | kubeconfig user`;

const ROWS = RECORDED.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the dialect of kubeadm, as recorded from its sources (not run)', () => {
  test.each(ROWS)(
    '1.%s reads %s and renews by "%s", creates by "%s" and makes kubeconfigs by "%s"',
    (minor, config, renew, phase, user) => {
      const dialect = dialectOf({ major: 1, minor: Number(minor), patch: 0 });
      expect([
        dialect?.config,
        dialect?.renew?.join(' ') ?? '-',
        dialect?.phase.join(' '),
        dialect?.kubeconfigUser.join(' '),
      ]).toEqual([config, renew, phase, user]);
    },
  );

  test('is known from the oldest to the newest minor version without a gap', () => {
    expect(ROWS.map(([minor]) => Number(minor))).toEqual(
      Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, index) => OLDEST_MINOR + index),
    );
  });

  test.each([
    [19, false],
    [20, true],
  ])('of 1.%i: `kubeconfig user` reads the configuration: %s', (minor, reads) => {
    expect(dialectOf({ major: 1, minor, patch: 0 })?.kubeconfigUserReadsConfig).toBe(reads);
  });

  test.each([
    [30, false, 'RSA-2048'],
    [31, true, 'RSA-2048 RSA-3072 RSA-4096 ECDSA-P256'],
    [33, true, 'RSA-2048 RSA-3072 RSA-4096 ECDSA-P256'],
    [34, true, 'RSA-2048 RSA-3072 RSA-4096 ECDSA-P256 ECDSA-P384'],
    [37, true, 'RSA-2048 RSA-3072 RSA-4096 ECDSA-P256 ECDSA-P384'],
  ])('of 1.%i: sets how long leaves last: %s; makes keys of %s', (minor, setsValidity, algorithms) => {
    const dialect = dialectOf({ major: 1, minor, patch: 0 });
    expect(dialect?.setsValidity).toBe(setsValidity);
    expect(dialect?.keyAlgorithms.join(' ')).toBe(algorithms);
  });

  test('of a version that is not known yet is that of the newest', () => {
    expect(dialectOf({ major: 1, minor: 99, patch: 0 })).toEqual(
      dialectOf({ major: 1, minor: NEWEST_MINOR, patch: 0 }),
    );
  });

  test.each([
    [1, 7],
    [0, 33],
    [2, 0],
  ])('of %i.%i is none', (major, minor) => {
    expect(dialectOf({ major, minor, patch: 0 })).toBeUndefined();
  });
});
