import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { processEnvironment } from '../../src/cli/environment.ts';
import { runLocalAction } from '../../src/cli/hooks/local-action.ts';
import { failureOf } from '../../src/cli/hooks/local-action-failure.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { SourceFile } from '../../src/core/source.ts';
import { issueAuthority } from '../../src/pki/authority.ts';
import { generateKey, readPrivateKey } from '../../src/pki/private-key.ts';
import { NAMELESS } from '../support/nameless.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** @returns where it listens: `127.0.0.1:40000` */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Why one attempt fails. */
function ask(kind: 'uri' | 'alerts' | 'command', params: JsonObject): Promise<string | undefined> {
  const whole = { method: 'GET', status_code: 200, timeout: '10s', ...params };
  const range = { file: new SourceFile('play.yml', ''), start: 0, end: 0 };
  return failureOf(() => runLocalAction({ kind, range }, whole, processEnvironment(), new AbortController().signal));
}

test('an action may take more than 24 days', async () => {
  expect(await ask('command', { argv: ['sleep', '0.1'], timeout: '900h' })).toBeUndefined();
});

/** Answers whoever connects with this, before it has asked. */
const saying = (text: string): Server =>
  createTcpServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end(text),
  );

describe.each(['uri', 'alerts'] as const)('an address that is asked by %s', (kind) => {
  test('and whose certificate nobody trusts is told of in words', async () => {
    const { privatePem } = await generateKey('ECDSA-P256');
    const now = Math.floor(Date.now() / 1000) * 1000;
    const cert = issueAuthority({
      subject: { commonName: 'elsewhere.example' },
      privateKey: readPrivateKey(privatePem),
      notBefore: now - 3_600_000,
      notAfter: now + 3_600_000,
      serial: randomBytes(8),
    });
    const key = privatePem.reveal();
    const url = `https://${await listening(createHttpsServer({ key, cert }, (_, answer) => answer.end('[]')))}/`;
    expect(await ask(kind, { url })).toBe('its certificate is not accepted: self-signed certificate');
    expect(await ask(kind, { url, validate_certs: false })).toBeUndefined();
  });

  test('and answers in another language', async () => {
    const address = await listening(saying('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await ask(kind, { url: `http://${address}/` })).toBe('the answer is not HTTP');
    expect(await ask(kind, { url: `https://${address}/` })).toBe(
      'the answer is not TLS, or not an accepted version of it',
    );
  });

  test('and closes the connection, in the midst of its answer or before', async () => {
    for (const text of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]'])
      expect(await ask(kind, { url: `http://${await listening(saying(text))}/` })).toBe(
        'the connection was closed without an answer',
      );
  });

  test('and leads elsewhere, is not followed', async () => {
    const server = createHttpServer((_, answer) => answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    const address = await listening(server);
    expect(await ask(kind, { url: `http://${address}/secret-path` })).toBe(
      `GET http://${address} answered 302, and redirects are not followed`,
    );
  });

  test('and of whose name nobody knows an address', async () => {
    expect(await ask(kind, { url: `http://${NAMELESS}/` })).toBe('its name cannot be resolved');
  });
});

describe('an answer that repeats the request is shown without', () => {
  const echo = createHttpServer((question, answer) => {
    let body = '';
    question.on('data', (chunk) => {
      body += chunk;
    });
    question.on('end', () => answer.writeHead(400).end(`no ${body} by ${question.headers.authorization ?? '-'}.`));
  });

  test.each<[string, JsonObject, string]>([
    ['a text', { body: 'key-4711-0815' }, 'no *** by -.'],
    ['a text of a mapping', { body: { event: { key: 'key-4711-0815' } }, body_format: 'json' }, 'no *** by -.'],
    ['a field of a form', { body: { key: 'key-4711-0815' }, body_format: 'form-urlencoded' }, 'no *** by -.'],
  ])('its body: %s', async (_what, body, said) => {
    const address = await listening(echo);
    expect(await ask('uri', { url: `http://${address}/`, method: 'POST', ...body })).toBe(
      `POST http://${address} answered 400: ${said}`,
    );
  });

  test('what it was made of, where the answer holds only that', async () => {
    const partly = createHttpServer((_, answer) => answer.writeHead(400).end('unknown key key-4711-0815'));
    const address = await listening(partly);
    const body = { event: [{ key: 'key-4711-0815' }] };
    expect(await ask('uri', { url: `http://${address}/`, method: 'POST', body, body_format: 'json' })).toBe(
      `POST http://${address} answered 400: unknown key ***`,
    );
  });

  test('the login of its address', async () => {
    const address = await listening(echo);
    expect(await ask('uri', { url: `http://ann:h%40mster-7@${address}/` })).toBe(
      `GET http://${address} answered 400: no  by Basic ***.`,
    );
  });

  test('what is cut in the middle', async () => {
    const key = randomBytes(3000).toString('hex');
    const address = await listening(echo);
    expect(await ask('uri', { url: `http://${address}/`, method: 'POST', body: key })).toBe(
      `POST http://${address} answered 400: no ***`,
    );
  });
});

test('a header that cannot be sent is not told', async () => {
  const failure = await ask('uri', { url: 'http://127.0.0.1:1/', headers: { authorization: 'hunter2\n' } });
  expect(failure).toBe('ERR_INVALID_CHAR');
});

test('a time limit may be a number of seconds', async () => {
  expect(await ask('command', { cmd: 'sleep 60', timeout: 1 })).toBe('it did not end within 1s');
  expect(await ask('command', { cmd: 'sleep 60', timeout: '1' })).toBe('it did not end within 1s');
});

test('what a program leaves running is not waited for, and not ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-left-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [answer, question] = [join(directory, 'answer'), join(directory, 'question')];
  // The second may look only when the test, and its directory, are gone.
  const left = `(while [ -d ${directory} ] && ! [ -e ${question} ]; do sleep 0.1; done; : >${answer}) 2>/dev/null &`;
  expect(await ask('command', { argv: ['sh', '-c', left], timeout: '20s' })).toBeUndefined();
  const failing = `${left} echo no >&2; exit 1`;
  expect(await ask('command', { argv: ['sh', '-c', failing], timeout: '20s' })).toBe('it ended with 1: no');
  expect(existsSync(answer)).toBe(false);
  writeFileSync(question, '');
  await expect.poll(() => existsSync(answer), { timeout: 20_000 }).toBe(true);
});

test('a program that is not there, or that nobody may start', async () => {
  expect(await ask('command', { cmd: '/no/such/program' })).toBe('there is no such file');
  expect(await ask('command', { cmd: '/' })).toBe('permission denied');
});

describe('a form', () => {
  /** What a server gets of a body, or why nothing is sent. */
  async function sent(body: Json): Promise<string | undefined> {
    const got: string[] = [];
    const server = createHttpServer((asked, answer) => {
      asked.on('data', (chunk: Buffer) => void got.push(chunk.toString())).on('end', () => answer.end());
    });
    const url = `http://${await listening(server)}/`;
    return (await ask('uri', { url, method: 'POST', body_format: 'form-urlencoded', body })) ?? got.join('');
  }

  test.each<[body: Json, text: string]>([
    [{ a: 1, b: 'x y' }, 'a=1&b=x+y'],
    [{ l: [1, 2] }, 'l=1&l=2'],
    [
      [
        ['a', 1],
        ['a', 2],
      ],
      'a=1&a=2',
    ],
    ['a=1', 'a=1'],
  ])('of %j is sent as %s', async (body, text) => {
    expect(await sent(body)).toBe(text);
  });

  test.each<[body: Json, why: string]>([
    [{ a: { b: 1 } }, 'the value of a is no text'],
    [{ a: null }, 'the value of a is no text'],
    [[['a']], 'a part of its body is no pair'],
    [5, 'its body is neither a mapping nor a list of pairs'],
  ])('of %j is not sent', async (body, why) => {
    expect(await sent(body)).toBe(`it cannot be sent with body_format form-urlencoded: ${why}`);
  });
});
