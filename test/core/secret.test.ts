import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Secret, SecretMask } from '../../src/core/secret.ts';
import { sh } from '../../src/core/shell.ts';
import { shortened } from '../../src/core/shortened.ts';
import { overgrowth } from '../support/growth.ts';
import { fc } from '../support/random-cases.ts';

const VALUE = 'correct horse battery staple';
const secret = new Secret(VALUE);

describe('a secret', () => {
  test('is given away by reveal alone', () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  test.each<[string, () => string]>([
    ['String', () => String(secret)],
    ['a template', () => `${secret}`],
    ['concatenation', () => `${'x'}${secret as unknown as string}`],
    ['join', () => [secret, secret].join(',')],
    ['JSON', () => JSON.stringify({ deep: [secret], secret })],
    [
      'inspect',
      () =>
        inspect(
          { deep: { secret }, map: new Map([['k', secret]]), set: new Set([secret]) },
          { depth: 9, showHidden: true },
        ),
    ],
    ['format with %s', () => format('%s', secret)],
    ['format with %o', () => format('%o', { secret })],
    ['format with %j', () => format('%j', { secret })],
    ['console.log of something around it', () => printed((out) => out.log({ deep: [{ secret }] }, secret))],
    [
      'console.dir with everything shown',
      () => printed((out) => out.dir({ secret }, { showHidden: true, depth: null })),
    ],
    ['console.table', () => printed((out) => out.table([{ secret }]))],
    ['an error about it', () => inspect(new Error(`it is ${secret}`, { cause: secret }))],
    ['an error that holds it', () => inspect(Object.assign(new Error('x'), { secret }))],
    [
      'its keys',
      () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), Reflect.ownKeys(secret)]),
    ],
    ['a copy of its fields', () => JSON.stringify({ ...secret })],
    ['a structured clone', () => inspect(structuredClone(secret))],
    [
      'a script',
      () =>
        `${sh`login ${secret}`} ${JSON.stringify(sh`login ${secret}`)} ${inspect(sh`login ${secret}`, { showHidden: true, depth: 9 })}`,
    ],
  ])('is not shown by %s', (_way, show) => {
    const shown = show();
    for (const word of VALUE.split(' ')) expect(shown).not.toContain(word);
  });

  test.each<[string, string]>([
    [String(secret), '***'],
    [JSON.stringify(secret), '"***"'],
    [inspect(secret), 'Secret(***)'],
  ])('shows as %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('a mask', () => {
  const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nfirst\n-----END RSA PRIVATE KEY-----';

  test.each<[string, string, string]>([
    ['a whole key', `before\n${KEY}\nafter`, 'before\n-----BEGIN RSA PRIVATE KEY----- ***\nafter'],
    ['a key that was cut off', 'x -----BEGIN PRIVATE KEY-----\nMIIE', 'x -----BEGIN PRIVATE KEY----- ***'],
    [
      'each of two keys',
      `${KEY}\nkept\n${KEY}`,
      '-----BEGIN RSA PRIVATE KEY----- ***\nkept\n-----BEGIN RSA PRIVATE KEY----- ***',
    ],
    [
      'a key of another kind',
      '-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----.',
      '-----BEGIN EC PRIVATE KEY----- ***.',
    ],
    [
      'an encrypted key',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMHc\n-----END ENCRYPTED PRIVATE KEY-----',
      '-----BEGIN ENCRYPTED PRIVATE KEY----- ***',
    ],
    ['the key in a kubeconfig', 'client-key-data: LS0tLS1CRUdJTg==\nname: x', 'client-key-data: ***\nname: x'],
    [
      'no certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    ],
  ])('takes out %s', (_what, text, masked) => {
    expect(new SecretMask().apply(text)).toBe(masked);
  });

  test('takes out every place of a secret that it was told', () => {
    const mask = new SecretMask();
    mask.add(new Secret('s3cret$&'));
    expect(mask.apply('a s3cret$& b s3cret$&s3cret$&')).toBe('a *** b ******');
  });

  test('takes out each line of a secret of several lines', () => {
    const mask = new SecretMask();
    mask.add(new Secret('  first line\nab\n\nlast line\n'));
    expect(mask.apply('x first line y\nlast line ab')).toBe('x *** y\n*** ab');
  });

  test('does not search for what is too short to be a secret', () => {
    const mask = new SecretMask();
    mask.add(new Secret('abc'));
    expect(mask.apply('abc')).toBe('abc');
  });

  test('leaves nothing of any secret that it was told alone', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9$^*+.&-]{4,12}$/);
    fc.assert(
      fc.property(word, fc.array(fc.string()), (value, parts) => {
        const mask = new SecretMask();
        mask.add(new Secret(value));
        expect(mask.apply(parts.join(value))).not.toContain(value);
      }),
    );
  });
});

test('a mask learns the secrets of each host of a fleet without going over those of the others', () => {
  const slow = overgrowth(16_000, (hosts, reading) => {
    const mask = new SecretMask();
    for (let host = 0; host < hosts; host += 1) mask.add(new Secret(`secret ${reading} of ${host}`));
    expect(mask.apply(`it was 'secret ${reading} of 7'`)).toBe("it was '***'");
  });
  expect(slow).toBeUndefined();
});

describe('a mask, where a text was cut in the middle of a secret,', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9"\\$^*+.&-]{8,100}$/);

  test('leaves no more than the first three characters of it', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), fc.string(), fc.nat(), (values, before, room) => {
        const mask = new SecretMask();
        for (const value of values) mask.add(new Secret(value));
        const [value = ''] = values;
        const length = before.length + 4 + (room % (value.length - 3));
        const cut = shortened(`${before}${value} and more of it`, length);
        expect(mask.apply(cut)).not.toContain(value.slice(0, 4));
        expect(JSON.stringify(mask.applyTo({ type: 'warning', message: cut }))).toBe(
          JSON.stringify({ type: 'warning', message: mask.apply(cut) }),
        );
      }),
    );
  });

  test.each([
    ['as base64', 'aGVtbGljaC1n…', '***…'],
    ['as JSON quotes it', '{"a":"heimlich\\"ge…', '{"a":"***…'],
    ['in the middle of what JSON quotes', '{"a":"heimlich\\…', '{"a":"***…'],
    ['with a shorter secret in it', 'x heim…', 'x ***…'],
    ['twice', "'heimlich…' and 'heimli…'", "'***…' and '***…'"],
    ['behind the whole of it', 'heimlich"geheimheimlich…', '******…'],
    ['of which too little is left', 'hei…', 'hei…'],
  ])('knows it %s', (_how, text, masked) => {
    const mask = new SecretMask();
    for (const value of ['heimlich"geheim', 'lich', 'hemlich-geheim']) mask.add(new Secret(value));
    expect(mask.apply(text)).toBe(masked);
  });

  test('takes no longer for many cuts', () => {
    const mask = new SecretMask();
    mask.add(new Secret(`${'a'.repeat(50_000)}b`));
    const text = 'aaaa…'.repeat(50_000);
    expect(mask.apply(text)).toBe('***…'.repeat(50_000));
    // The whole text for each of them would take minutes.
    expect(mask.apply('…'.repeat(1_000_000))).toBe('…'.repeat(1_000_000));
  });
});

describe('a mask of values', () => {
  const maskWith = (...secrets: readonly string[]) => {
    const mask = new SecretMask();
    for (const secret of secrets) mask.add(new Secret(secret));
    return mask;
  };

  test('does not make a change of a file look like none', () => {
    const change = (before: string, after: string) => ({
      target: '/token',
      before: { content: before, mode: '0600' },
      after: { content: after, mode: '0600' },
    });
    const mask = maskWith('old-battery', 'new-battery');
    expect(mask.applyTo([change('t old-battery', 't new-battery')])).toEqual([
      { ...change('t ***', 't ***'), after: { content: 't ***', mode: '0600', differsInHidden: true } },
    ]);
    expect(mask.applyTo(change('a old-battery', 'b new-battery'))).toEqual(change('a ***', 'b ***'));
    expect(mask.applyTo(change('old-battery', 'old-battery'))).toEqual(change('***', '***'));
    // What looks like a change in what a host answered is not one.
    const answer = { after: change('old-battery', 'new-battery') };
    expect(mask.applyTo(answer)).toEqual({ after: change('***', '***') });
  });

  test('cannot be led out of a value by what stands in it', () => {
    const arbitrary = fc.string({
      unit: fc.constantFrom(
        '-----BEGIN RSA PRIVATE KEY-----',
        '-----END RSA PRIVATE KEY-----',
        'client-key-data: ',
        '"',
        '\\',
        '{',
        '}',
        ',',
        '\n',
        'abc',
      ),
    });
    fc.assert(
      fc.property(fc.array(arbitrary), (texts) => {
        const event = { type: 'warning', hosts: ['h'], message: texts[0] ?? '', details: texts, next: { deep: texts } };
        const masked = new SecretMask().applyTo(event);
        expect(Object.keys(masked)).toEqual(Object.keys(event));
        expect(masked.details).toHaveLength(texts.length);
        expect(JSON.stringify(masked)).not.toMatch(/BEGIN RSA PRIVATE KEY-----(?! \*\*\*)/);
      }),
    );
  });

  test('finds each secret that stands in a text of it, whatever JSON makes of either', () => {
    const unit = fc.constantFrom('"', '\\', '\n', '\t', '\u0001', '\u2028', '\u00e9', '\u{1f511}', '/', 'a', 'n', 'u');
    const sound = fc.string({ unit, minLength: 4, maxLength: 8 });
    const around = fc.string({ unit, maxLength: 8 });
    fc.assert(
      fc.property(sound, around, around, (value, before, after) => {
        const mask = maskWith(value);
        const text = before + value + after;
        expect(mask.applyTo({ deep: [{ text }] })).toEqual({ deep: [{ text: mask.apply(text) }] });
        expect(mask.applyTo({ before: { [text]: 1 } })).toEqual({ before: { [mask.apply(text)]: 1 } });
      }),
      { numRuns: 1_000 },
    );
  });

  test('leaves what holds no secret as it is', () => {
    const event = { type: 'warning', hosts: ['a'], details: [['a', 'b']], n: 1, none: null };
    expect(new SecretMask().applyTo(event)).toBe(event);
  });

  test('leaves the words that programs go by, whatever a password is', () => {
    const event = {
      type: 'task-finished',
      host: 'changed',
      outcome: 'changed',
      reason: 'it has changed',
      changes: [{ kind: 'update', before: { kind: 'changed', changed: 1 }, after: 'changed' }],
    };
    expect(maskWith('changed').applyTo(event)).toEqual({
      ...event,
      reason: 'it has ***',
      changes: [{ kind: 'update', before: { kind: '***', '***': 1 }, after: '***' }],
    });
  });

  test('hides plans of hosts, which stand where their names stand elsewhere', () => {
    const plan = { hosts: [{ host: 'h', tasks: [{ action: 'none', reason: 'geheim' }] }] };
    expect(maskWith('geheim').applyTo(plan).hosts[0]?.tasks[0]).toEqual({ action: 'none', reason: '***' });
  });

  test('hides a key that goes on over the lines of a list', () => {
    const lines = ['x', '-----BEGIN PRIVATE KEY-----', 'MIIE', 'more', '-----END PRIVATE KEY----- y', 'z'];
    expect(new SecretMask().applyTo(lines)).toEqual([
      'x',
      '-----BEGIN PRIVATE KEY----- ***',
      '***',
      '***',
      '*** y',
      'z',
    ]);
  });

  test.each([
    ['as base64', `x ${Buffer.from('geheim').toString('base64')} y`],
    ['as base64 of its line', `x ${Buffer.from('geheim\n').toString('base64')} y`],
  ])('hides a secret %s', (_how, text) => {
    expect(maskWith('geheim\n').apply(text)).toBe('x *** y');
  });

  test.each(['geheim', 'geheim1', 'geheim12', '  geheim1'])(
    'hides %j as base64 of a line that consists of it',
    (value) => {
      const line = Buffer.from(`${value.trim()}\n`).toString('base64');
      expect(maskWith(value).apply(`x ${line} y`)).toBe('x *** y');
    },
  );

  test('finds out in a moment whether a key goes on, however many begin and end before', () => {
    const key = '-----BEGIN PRIVATE KEY-----';
    const text = `${key.repeat(15_000)}-----END PRIVATE KEY-----${'a'.repeat(400_000)}`;
    const before = process.cpuUsage();
    expect(new SecretMask().applyTo([text, 'MIIEow', 'x'])).toMatchObject({ 1: 'MIIEow' });
    expect(new SecretMask().applyTo([`${text}${key}`, 'MIIEow', 'x'])).toMatchObject({ 1: '***' });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_000);
  });

  test('hides the longer of two secrets of which one begins the other', () => {
    const mask = maskWith('geheim');
    mask.add(new Secret('geheimer'));
    expect(mask.apply('geheimer geheim')).toBe('*** ***');
  });

  const ENCODED = Buffer.from('-----BEGIN EC PRIVATE KEY-----\nMHc').toString('base64');
  test.each<[string, string, string]>([
    ['quoted', `client-key-data: "QUJD"\nname: x`, 'client-key-data: ***"\nname: x'],
    [
      'quoted once more',
      String.raw`{\"client-key-data\": \"QUJD\", \"a\": 1}`,
      String.raw`{\"client-key-data\": ***\", \"a\": 1}`,
    ],
    ['folded', 'client-key-data: >-\n  QUJD\n  REVG\nname: x', 'client-key-data: ***\nname: x'],
    ['on the line below', 'client-key-data:\n  QUJD\n  REVG\n  name: x', 'client-key-data:\n  ***\n  name: x'],
    ['under another name', `key: ${ENCODED}.`, 'key: ***.'],
  ])('hides the key of a kubeconfig that is %s', (_how, text, masked) => {
    expect(new SecretMask().apply(text)).toBe(masked);
  });

  test('leaves an encoded certificate', () => {
    const encoded = Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB').toString('base64');
    expect(new SecretMask().apply(`data: ${encoded}`)).toBe(`data: ${encoded}`);
  });
});

function printed(print: (out: Console) => void): string {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  print(new Console(stream));
  return chunks.join('');
}
