import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprint, KnownHosts, keyTypeOf, knownHostName } from '../../../src/transport/ssh/known-hosts.ts';
import { needing } from '../../support/programs.ts';
import { temporaryDirectory } from '../support/hosts-under-test.ts';
import { makeKey } from '../support/keys.ts';

const directory = temporaryDirectory();
afterAll(() => rmSync(directory, { recursive: true }));

const ed25519 = makeKey(directory, 'one').publicKey.split(' ').slice(0, 2).join(' ');
const ecdsa = makeKey(directory, 'two', 'ecdsa').publicKey.split(' ').slice(0, 2).join(' ');

const TEXT = `# a comment
plain.example.org ${ed25519}
plain.example.org,10.0.0.1 ${ecdsa} comment here

[ported.example.org]:2222 ${ed25519}
UPPER.example.org ${ed25519}
*.wild.example.org,!not.wild.example.org ${ed25519}
node-?.example.org ${ecdsa}
\t indented.example.org   ${ed25519}
@revoked * ${ecdsa}
@cert-authority *.ca.example.org ${ed25519}
`;

/** Lines that ssh passes over. */
const BROKEN = `@unknown marked.example.org ${ed25519}
broken.example.org ssh-ed25519 AAAA
lying.example.org ssh-rsa ${ed25519.split(' ')[1]}
nothing.example.org
|1|x broken-hash.example.org ${ed25519}
`;

const NAMES = [
  'plain.example.org',
  '10.0.0.1',
  'ported.example.org',
  '[ported.example.org]:2222',
  'upper.example.org',
  'a.wild.example.org',
  'not.wild.example.org',
  'node-1.example.org',
  'node-12.example.org',
  'indented.example.org',
  'x.ca.example.org',
  'stranger.example.org',
];

/** As ssh writes a name with HashKnownHosts. */
function hashed(name: string): string {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function parse(text: string): KnownHosts {
  const known = new KnownHosts();
  known.add('known_hosts', text);
  return known;
}

describe('KnownHosts', () => {
  it('finds keys, where they stand, and what marks them', () => {
    const found = parse(TEXT).find('plain.example.org');
    expect(found.keys.map(({ line, keyType }) => [line, keyType])).toEqual([
      [2, 'ssh-ed25519'],
      [3, 'ecdsa-sha2-nistp256'],
    ]);
    expect(found.revoked.map(({ line }) => line)).toEqual([10]);
    expect(
      parse(TEXT)
        .find('x.ca.example.org')
        .authorities.map(({ line }) => line),
    ).toEqual([11]);
  });

  it.each(['marked', 'broken', 'lying', 'nothing', 'broken-hash'])(
    'passes over lines that cannot be read: %s',
    (name) => {
      expect(parse(BROKEN).find(`${name}.example.org`)).toEqual({ keys: [], revoked: [], authorities: [] });
    },
  );

  it.each([
    ['plain', 'late.example.org'],
    ['hashed', hashed('late.example.org')],
    ['a pattern', '*.example.org'],
  ])('finds a key that is learnt after its host was looked up: %s', (_kind, names) => {
    const known = parse(TEXT);
    expect(known.find('late.example.org').keys).toEqual([]);
    known.add('known_hosts', `${names} ${ed25519}\n`, 12);
    expect(known.find('late.example.org').keys.map(({ line }) => line)).toEqual([12]);
  });

  describe('like ssh-keygen -F', needing('ssh-keygen'), () => {
    const plain = join(directory, 'plain');
    writeFileSync(plain, TEXT);
    const hashed = join(directory, 'hashed');
    writeFileSync(hashed, TEXT);
    beforeAll(() => {
      execFileSync('ssh-keygen', ['-H', '-f', hashed], { stdio: 'ignore' });
    });

    it.each(NAMES.flatMap((name) => [['plain', plain, name] as const, ['hashed', hashed, name] as const]))(
      'in a %s file: %s %s',
      (_kind, file, name) => {
        expect(linesOf(file, name)).toEqual(keygenLines(file, name));
      },
    );

    function linesOf(file: string, name: string): number[] {
      const known = new KnownHosts();
      known.add(file, readFileSync(file, 'utf8'));
      const { keys, revoked, authorities } = known.find(name);
      return [...keys, ...revoked, ...authorities].map(({ line }) => line).sort((a, b) => a - b);
    }

    function keygenLines(file: string, name: string): number[] {
      const text = spawnKeygen(['-F', name, '-f', file]);
      return [...text.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
    }

    function spawnKeygen(args: readonly string[]): string {
      try {
        return execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      } catch {
        return '';
      }
    }

    it('shows fingerprints as ssh-keygen -l does', () => {
      const key = Buffer.from(ed25519.split(' ')[1] ?? '', 'base64');
      const shown = execFileSync('ssh-keygen', ['-lf', join(directory, 'one.pub')], { encoding: 'utf8' });
      expect(shown).toContain(` ${fingerprint(key)} `);
      expect(keyTypeOf(key)).toBe('ssh-ed25519');
    });
  });

  it('names hosts as ssh does', () => {
    expect(knownHostName('Host', 22)).toBe('host');
    expect(knownHostName('fd00::1', 2222)).toBe('[fd00::1]:2222');
  });
});
