import { describe, expect, test } from 'vitest';
import { isIpv6, parseAddress } from '../../src/inventory/address.ts';

describe('an address', () => {
  test.each([
    ['m1', { host: 'm1' }],
    ['m1:2222', { host: 'm1', port: 2222 }],
    ['m_1.example-site.com', { host: 'm_1.example-site.com' }],
    ['m[1:3].example.com:22', { host: 'm[1:3].example.com', port: 22 }],
    ['m[a:c]-x[0:9:3]', { host: 'm[a:c]-x[0:9:3]' }],
    ['ünïcode', { host: 'ünïcode' }],
    ['10.0.0.1', { host: '10.0.0.1' }],
    ['10.0.0.1:22', { host: '10.0.0.1', port: 22 }],
    ['[10.0.0.1]:22', { host: '10.0.0.1', port: 22 }],
    ['10.0.0.[1:9]', { host: '10.0.0.[1:9]' }],
    ['::1', { host: '::1' }],
    ['fd00::12', { host: 'fd00::12' }],
    ['[fd00::12]', { host: 'fd00::12' }],
    ['[fd00::12]:2222', { host: 'fd00::12', port: 2222 }],
    ['::ffff:192.0.2.3', { host: '::ffff:192.0.2.3' }],
  ])('%s is one', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'm1:',
    ':22',
    '-m1',
    'm1-',
    'm1_',
    'a b',
    'masters:workers',
    'a:b:c',
    'm[1:3',
    'user@m1',
    'm[1]',
    '[m1]',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('an IPv6 address', () => {
  test.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', 'fd00::1:2', 'FE80::1', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8'])(
    '%s is one',
    (text) => {
      expect(isIpv6(text)).toBe(true);
    },
  );

  test.each(['1:2', '1::2::3', '1:2:3:4:5:6:7:8:9', 'g::1', '12345::1', 'm1', '[::1]'])('%s is none', (text) => {
    expect(isIpv6(text)).toBe(false);
  });
});
