import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';

type ParseKey = typeof import('ssh2').utils.parseKey;

/** The part of ssh2 that opens keys: the rest is only needed once there is a connection. */
export async function loadParser(): Promise<ParseKey> {
  return (await import('ssh2/lib/protocol/keyParser.js')).default.parseKey;
}

/** A private key of any format that ssh2 knows; undefined if it is none, or the passphrase is wrong. */
export function privateKey(parse: ParseKey, text: string, passphrase?: string): ParsedKey | undefined {
  const key = firstOf(parse(text, passphrase));
  return key?.isPrivateKey() ? key : undefined;
}

/** A public key, as in `id_ed25519.pub`, in the form that agents compare; undefined if the text is none. */
export function publicKey(parse: ParseKey, text: string): Buffer | undefined {
  const key = firstOf(parse(text));
  return key && !key.isPrivateKey() ? key.getPublicSSH() : undefined;
}

/**
 * The public half of an encrypted private key, without its passphrase: OpenSSH's own format has it in clear, next to other
 * formats it is in a file of its own. Undefined if it is nowhere.
 */
export async function publicHalf(parse: ParseKey, text: string, path: string): Promise<Buffer | undefined> {
  const data = bodyOf(text);
  return data ? publicHalfIn(data) : publicHalfBeside(parse, path);
}

function publicHalfIn(data: Buffer): Buffer | undefined {
  // Cipher, key derivation, its options, the number of keys; then the public half.
  let at = MAGIC.length;
  for (let skipped = 0; skipped < 3; skipped += 1) at += 4 + lengthAt(data, at);
  at += 4;
  const length = lengthAt(data, at);
  return length > 0 && at + 4 + length <= data.length ? data.subarray(at + 4, at + 4 + length) : undefined;
}

/** Whether the file of a private or public key only names it, and a FIDO token signs: `ssh-keygen -t ed25519-sk`. */
export function isOnToken(text: string): boolean {
  const data = bodyOf(text);
  return data ? publicHalfIn(data)?.toString('latin1', 4, 7) === 'sk-' : text.startsWith('sk-');
}

/** Whether a certificate of an SSH authority is where ssh looks for that of a key. */
export function hasCertificate(path: string): boolean {
  return existsSync(`${path}-cert.pub`);
}

/** The public half in `FILE.pub`, which is all there is of a key on a token or in a password manager. */
export async function publicHalfBeside(parse: ParseKey, path: string): Promise<Buffer | undefined> {
  const text = await readFile(`${path}.pub`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : publicKey(parse, text);
}

/** For all formats: OpenSSH's own names its cipher inside, PEM in a header, PKCS #8 in its label, PuTTY on a line. */
export function isEncrypted(text: string): boolean {
  const data = bodyOf(text);
  if (!data) return /^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY|^Encryption: (?!none)/m.test(text);
  const cipher = MAGIC.length + 4;
  return data.length >= cipher && data.toString('latin1', cipher, cipher + lengthAt(data, MAGIC.length)) !== 'none';
}

const MAGIC = 'openssh-key-v1\0';

/** The bytes of a key in OpenSSH's own format. */
function bodyOf(text: string): Buffer | undefined {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}

function lengthAt(data: Buffer, at: number): number {
  return at + 4 <= data.length ? data.readUInt32BE(at) : 0;
}

function firstOf(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | undefined {
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key instanceof Error ? undefined : key;
}
