import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSConfig } from '@temporalio/client';
import { issueAuthority } from '../../../../src/pki/authority.ts';
import { readCertificates } from '../../../../src/pki/certificate.ts';
import { type Authority, issueCertificate } from '../../../../src/pki/issue.ts';
import { generateKey, readPrivateKey } from '../../../../src/pki/private-key.ts';

/** The name that the server's certificate has, which is not its address. */
export const SERVER_NAME = 'temporal.test';

const HOUR = 3_600_000;
/** Certificates know whole seconds. */
const NOW = Math.floor(Date.now() / 1000) * 1000;
const period = { notBefore: NOW - HOUR, notAfter: NOW + 24 * HOUR };

/** Certificates for a server that lets in nobody but those with one of its CA, and with a token that it knows. */
export class Guard {
  readonly directory = mkdtempSync(join(tmpdir(), 'kplay-guard-'));
  readonly #signer = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #keys: Server;
  readonly #files = new Map<string, string>();

  private constructor(keys: Server) {
    this.#keys = keys;
  }

  static async open(): Promise<Guard> {
    const keys = createServer();
    const guard = new Guard(keys);
    keys.on('request', (_, response) => response.end(guard.#keySet()));
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const own = await guard.#authority('ca');
    await guard.#authority('stranger-ca');
    await guard.#leaf('server', own, { dnsNames: [SERVER_NAME], extendedKeyUsages: ['serverAuth', 'clientAuth'] });
    await guard.#leaf('client', own, { extendedKeyUsages: ['clientAuth'] });
    await guard.#leaf('stranger', await guard.#authority('other-ca'), { extendedKeyUsages: ['clientAuth'] });
    return guard;
  }

  /** Where a certificate or key is: `ca.crt`, `client.key`. */
  at(name: string): string {
    return join(this.directory, name);
  }

  /** What the configuration of the server has below `global`. */
  get config(): string {
    const [crt, key, ca] = ['server.crt', 'server.key', 'ca.crt'].map((name) => this.at(name));
    const client = `{ serverName: ${SERVER_NAME}, rootCaFiles: [${ca}] }`;
    const { port } = this.#keys.address() as AddressInfo;
    return `
  tls:
    internode:
      server: { certFile: ${crt}, keyFile: ${key}, requireClientAuth: true, clientCaFiles: [${ca}] }
      client: ${client}
    frontend:
      server: { certFile: ${crt}, keyFile: ${key}, requireClientAuth: true, clientCaFiles: [${ca}] }
      client: ${client}
    systemWorker: { certFile: ${crt}, keyFile: ${key}, client: ${client} }
  authorization:
    jwtKeyProvider: { keySourceURIs: ['http://127.0.0.1:${port}/keys'], refreshInterval: 1m }
    permissionsClaimName: permissions
    authorizer: default
    claimMapper: default`;
  }

  /** How the tests themselves connect. */
  get tls(): TLSConfig {
    const read = (name: string): Buffer => Buffer.from(this.#files.get(name) ?? '');
    return {
      serverNameOverride: SERVER_NAME,
      serverRootCACertificate: read('ca.crt'),
      clientCertPair: { crt: read('client.crt'), key: read('client.key') },
    };
  }

  /** An API key as such a server takes them: a token in which somebody says what its bearer may do. */
  token(...permissions: readonly string[]): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(period.notAfter / 1000);
    const text = `${part({ alg: 'RS256', kid: 'test', typ: 'JWT' })}.${part({ sub: 'kplay', exp, permissions })}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#signer.privateKey).toString('base64url')}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#keys.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #keySet(): string {
    const jwk = this.#signer.publicKey.export({ format: 'jwk' });
    return JSON.stringify({ keys: [{ ...jwk, kid: 'test', use: 'sig', alg: 'RS256' }] });
  }

  async #authority(name: string): Promise<Authority> {
    const { privatePem } = await generateKey('ECDSA-P256');
    const privateKey = readPrivateKey(privatePem);
    const subject = { commonName: name };
    const pem = issueAuthority({ subject, privateKey, ...period, serial: randomBytes(8) });
    this.#write(`${name}.crt`, pem);
    const [certificate] = readCertificates(pem);
    if (!certificate) throw new Error('no certificate was made');
    return { certificate, privateKey };
  }

  async #leaf(
    name: string,
    authority: Authority,
    names: { readonly dnsNames?: readonly string[]; readonly extendedKeyUsages: readonly string[] },
  ): Promise<void> {
    const { privatePem, publicKey } = await generateKey('ECDSA-P256');
    const subject = { commonName: name };
    const request = { subject, ...names, publicKey, authority, ...period, serial: randomBytes(8) };
    this.#write(`${name}.crt`, issueCertificate(request));
    this.#write(`${name}.key`, privatePem.reveal());
  }

  #write(name: string, text: string): void {
    this.#files.set(name, text);
    writeFileSync(this.at(name), text, { mode: 0o600 });
  }
}
