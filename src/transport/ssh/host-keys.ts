import { appendFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectories } from '../../core/make-directories.ts';
import { UnreachableError } from '../../core/session.ts';
import { quoteWord } from '../../core/shell.ts';
import { describeFailure, isMissing } from '../../core/system-error.ts';
import type { HostKeySettings, SshDestination } from '../settings/settings.ts';
import { fingerprint, type KnownHostLine, KnownHosts, keyTypeOf, knownHostName } from './known-hosts.ts';

/** Warns the user of something that was accepted. */
export type Warn = (host: string, message: string, remedy?: string) => void;

/** What an accepted host may be sent: anything, or, as with ssh, no password, because its key is not the known one. */
export type Trust = 'full' | 'no password';

/** The check of one sshd's key. */
export interface HostKeyCheck {
  /** Types of the known keys, best first: the sshd has to be asked for one of them if it has any. */
  readonly knownTypes: readonly string[];
  /** Resolves if the host is accepted; throws {@link UnreachableError} with the reason `host-key` if not. */
  verify(key: Buffer): Promise<Trust>;
}

/** The known_hosts files of a run: each is read once, and a key learnt from one host is known for the next with the same files. */
export class HostKeyStore {
  readonly #files = new Map<string, Promise<string>>();
  readonly #sets = new Map<string, Promise<KnownHosts>>();
  readonly #warn: Warn;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /**
   * @param host the host to name in errors: one of the inventory, which may be behind `destination`.
   * @throws {UnreachableError} if its address, or HostKeyAlias, is no name
   */
  async check(host: string, destination: SshDestination, settings: HostKeySettings): Promise<HostKeyCheck> {
    const isOff = settings.mode === 'no';
    if (!isOff) checkName(host, settings.alias ?? destination.address, settings);
    const known = await this.#knownHosts(host, settings);
    const name = knownHostName(
      settings.alias ?? destination.address,
      settings.alias === undefined ? destination.port : 22,
    );
    const found = known.find(name);
    const subject: Subject = { host, name };
    // As in ssh: a host that is only known without its port may have the same key, or authority, at this one.
    const atAnyPort = known.find(knownHostName(settings.alias ?? destination.address, 22));
    return {
      knownTypes: [...new Set(found.keys.map(({ keyType }) => keyType))],
      verify: async (key) => {
        const revoked = [...found.revoked, ...atAnyPort.revoked].find((line) => line.key.equals(key));
        if (revoked) return this.#distrust(revokedKey(subject, key, revoked), isOff);
        const { keys, authorities } = known.find(name);
        if (keys.some((line) => line.key.equals(key))) return 'full';
        const wrong = keys.find(({ keyType }) => keyType === keyTypeOf(key)) ?? keys[0];
        if (wrong) return this.#distrust(changedKey(subject, key, wrong), isOff);
        if (atAnyPort.keys.some((line) => line.key.equals(key))) return 'full';
        if (isOff) return this.#acceptUnchecked(host, destination, key);
        const [authority] = [...authorities, ...atAnyPort.authorities];
        if (authority) throw certificateOnly(subject, key, authority, settings);
        if (settings.mode === 'strict') throw unknownKey(subject, key, settings);
        await this.#learn(subject, key, settings, known);
        return 'full';
      },
    };
  }

  #acceptUnchecked(host: string, { address }: SshDestination, key: Buffer): Trust {
    this.#warn(
      host,
      `the host key of ${address} was not checked (${keyTypeOf(key)} ${fingerprint(key)})`,
      'compare its key with the one on the host, then add it to known_hosts',
    );
    return 'full';
  }

  /** Refuses a host with a wrong key; where the check is off, the host is accepted with a warning, and gets no password. */
  #distrust(problem: UnreachableError, isOff: boolean): Trust {
    if (!isOff) throw problem;
    this.#warn(
      problem.host,
      `${problem.message}; it is accepted, because the check of host keys is off, but no password is sent to it`,
      problem.remedy,
    );
    return 'no password';
  }

  /** Appends a line in a single write, so that parallel runs do not mix their lines. */
  async #learn({ host, name }: Subject, key: Buffer, settings: HostKeySettings, known: KnownHosts): Promise<void> {
    const line = `${knownHostsLine(name, key)}\n`;
    const file = keptFile(settings);
    if (file === undefined) {
      known.add(NOWHERE, line);
      this.#warn(
        host,
        `the host key of ${name} was accepted (${keyTypeOf(key)} ${fingerprint(key)}) and is not remembered, as UserKnownHostsFile is ${namedFile(settings)}: the next run accepts any other`,
        `compare it with the one on the host, then ${addTo(settings)}: ${line.trimEnd()}`,
      );
      return;
    }
    const before = await this.#text(host, file);
    const start = before === '' || before.endsWith('\n') ? '' : '\n';
    known.add(file, line, `${before}${start}`.split('\n').length);
    this.#files.set(file, Promise.resolve(`${before}${start}${line}`));
    try {
      makeDirectories(dirname(file), 0o700);
      await appendFile(file, start + line, { mode: 0o600 });
    } catch (error) {
      this.#warn(host, `the key of ${name} could not be saved: ${describeFailure(error)}`, `make ${file} writable`);
    }
  }

  #knownHosts(host: string, { userFiles, globalFiles }: HostKeySettings): Promise<KnownHosts> {
    const files = [...userFiles, ...globalFiles];
    const id = files.join('\0');
    const cached = this.#sets.get(id);
    if (cached) return cached;
    const loaded = (async () => {
      const known = new KnownHosts();
      const texts = await Promise.all(files.map((file) => this.#text(host, file)));
      for (const [index, file] of files.entries()) known.add(file, texts[index] ?? '');
      return known;
    })();
    this.#sets.set(id, loaded);
    return loaded;
  }

  /** A file that is missing contains no hosts. So does one that cannot be read, but it may revoke keys, or know others. */
  #text(host: string, file: string): Promise<string> {
    const cached = this.#files.get(file);
    if (cached) return cached;
    const text = readFile(file, 'utf8').catch((error: unknown) => {
      if (!isMissing(error))
        this.#warn(
          host,
          `the host keys in ${file} are not known: ${describeFailure(error)}`,
          `make ${file} readable, or name other files (UserKnownHostsFile, GlobalKnownHostsFile)`,
        );
      return '';
    });
    this.#files.set(file, text);
    return text;
  }
}

/** In known_hosts, `*` would be every host, and a line break would begin an entry of its own. */
function checkName(host: string, name: string, { alias }: HostKeySettings): void {
  // The second is for the few other names: V8 takes a third of a millisecond to make it ready.
  if (/^[\w.:-]+$/.test(name) || /^[^\s,*?!|#@\p{C}][^\s,*?!|\p{C}]*$/u.test(name)) return;
  throw new UnreachableError(
    host,
    'host-key',
    `'${name}' is not the name or the address of a host`,
    alias === undefined ? 'correct ansible_host' : 'correct HostKeyAlias',
  );
}

interface Subject {
  readonly host: string;
  /** The name in known_hosts. */
  readonly name: string;
}

/** ssh-keygen takes one file at a time. Over the network an impostor of the host could print anything. */
const COMPARE =
  "compare it with what 'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done' prints at the host's console";

/** What is written to it is gone. Settings for Ansible name it so that no key is ever known. */
const NO_FILE = '/dev/null';

/** In place of a file, of a key that is only known for this run. */
const NOWHERE = '';

/** The file to which new keys are added; undefined if none keeps them. */
function keptFile({ userFiles }: HostKeySettings): string | undefined {
  return userFiles.find((file) => file !== NO_FILE);
}

function namedFile({ userFiles: [file = 'none'] }: HostKeySettings): string {
  return file;
}

/** What to do with the line of a key, which follows behind a colon. */
function addTo(settings: HostKeySettings): string {
  const file = keptFile(settings);
  if (file !== undefined) return `add this line to ${file}`;
  const global = settings.globalFiles.find((each) => each !== NO_FILE);
  const orGlobal = global === undefined ? '' : `${global}, or to `;
  return `add this line to ${orGlobal}a file that UserKnownHostsFile then names instead of ${namedFile(settings)}`;
}

/** Exactly the shown key has to be added: the next answer may come from somebody else. */
function unknownKey({ host, name }: Subject, key: Buffer, settings: HostKeySettings): UnreachableError {
  return new UnreachableError(
    host,
    'host-key',
    `the host key of ${name} is unknown: ${keyTypeOf(key)} ${fingerprint(key)}`,
    `${COMPARE}; if it is the same, ${addTo(settings)}: ${knownHostsLine(name, key)}`,
  );
}

function changedKey({ host, name }: Subject, key: Buffer, known: KnownHostLine): UnreachableError {
  const isKept = known.file !== NOWHERE;
  const ifSame = isKept
    ? `ssh-keygen -f ${quoteWord(known.file)} -R ${quoteWord(name)}, then add this line to ${known.file}: ${knownHostsLine(name, key)}`
    : 'run again, or give each host a HostKeyAlias of its own, if two have this name';
  return new UnreachableError(
    host,
    'host-key',
    `the host key of ${name} has changed, or another machine answers: it is ${keyTypeOf(key)} ${fingerprint(key)}, ` +
      `known is ${known.keyType} ${fingerprint(known.key)} (${isKept ? `${known.file}:${known.line}` : 'accepted earlier in this run'})`,
    `${COMPARE}; only if it is the same: ${ifSame}; if it differs, tell your security team, and do not log in anywhere through this network`,
  );
}

function revokedKey({ host, name }: Subject, key: Buffer, known: KnownHostLine): UnreachableError {
  return new UnreachableError(
    host,
    'host-key',
    `the host key of ${name} is revoked: ${keyTypeOf(key)} ${fingerprint(key)} (${known.file}:${known.line})`,
    'give the host a new key, and do not log in to it before that',
  );
}

/** accept-new does not apply: an authority vouches for this host. The suggested line contains the shown key. */
function certificateOnly(
  { host, name }: Subject,
  key: Buffer,
  known: KnownHostLine,
  settings: HostKeySettings,
): UnreachableError {
  return new UnreachableError(
    host,
    'host-key',
    `${name} is only known through a certificate authority (${known.file}:${known.line}), and kplay cannot check host certificates; ` +
      `its key is ${keyTypeOf(key)} ${fingerprint(key)}`,
    `${COMPARE}; if it is the same, ${addTo(settings)}: ${knownHostsLine(name, key)}`,
  );
}

function knownHostsLine(name: string, key: Buffer): string {
  return `${name} ${keyTypeOf(key)} ${key.toString('base64')}`;
}
