import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import { makeDirectories } from '../../core/make-directories.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { readTextFile } from '../../core/text-file.ts';
import { credentialOfFile, signedFileNames } from '../../kubeadm/certificates/pending-request.ts';
import { certificatePem, readCertificates } from '../../pki/certificate.ts';

/** Certificates (PEM) by host and by file name below the host's directory. */
export type SignedCertificates = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The directory of a host's requests and certificates: a name that is a single directory on every system, and no other host's
 * unless letter case makes no difference there. Other characters than these are written as in a URL.
 */
function hostDirectory(host: string): string {
  return host.replace(/^\.+$|[^A-Za-z0-9._:-]/gu, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/**
 * Reads `DIR/HOST/NAME.crt` for the inventory's hosts. Other files (requests, notes) are ignored; only the certificates in the files are
 * used.
 */
export function readSignedDirectory(
  directory: string,
  hosts: readonly string[],
  problems: Problems,
): SignedCertificates {
  const known = new Map(hosts.map((host) => [hostDirectory(host), host]));
  const found = new Map<string, Readonly<Record<string, string>>>();
  for (const name of directoriesIn(directory, problems)) {
    const files = filesBelow(join(directory, name), problems).filter((file) => file.endsWith('.crt'));
    const host = known.get(name);
    if (files.length === 0) continue;
    if (host === undefined) {
      problems.error(
        `${join(directory, name)} is not named after a host of the inventory`,
        undefined,
        'name directories after hosts, as kplay certs csr does',
      );
      continue;
    }
    found.set(host, readFiles(join(directory, name), files, problems));
  }
  if (found.size === 0 && !problems.hasErrors) {
    problems.error(
      `there are no certificates in ${directory}`,
      undefined,
      'they are expected as HOST/NAME.crt, beside the NAME.csr that kplay certs csr has written',
    );
  }
  return Object.fromEntries(found);
}

/** Writes `DIR/HOST/NAME.csr`. @returns their number. @throws {Error} of the file system. */
export function writeRequests(directory: string, host: string, requests: Readonly<Record<string, string>>): number {
  const files = Object.entries(requests).filter(([file]) => credentialOfFile(file) !== undefined);
  for (const [file, pem] of files) {
    const path = join(directory, hostDirectory(host), file);
    makeDirectories(dirname(path));
    writeFileSync(path, pem);
  }
  return files.length;
}

function readFiles(directory: string, files: readonly string[], problems: Problems): Readonly<Record<string, string>> {
  const texts = new Map<string, string>();
  for (const file of files) {
    const path = join(directory, file);
    if (credentialOfFile(file) === undefined) {
      problems.error(
        `${path} is not named after a certificate`,
        undefined,
        `there are: ${signedFileNames().join(', ')}`,
      );
      continue;
    }
    const source = readTextFile(path, 'certificate', problems);
    if (!source) continue;
    try {
      texts.set(file, readCertificates(source.text).map(certificatePem).join(''));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.error(`${path}: ${reason}`, undefined, 'certificates are expected in PEM, the leaf first');
    }
  }
  return Object.fromEntries(texts);
}

function directoriesIn(directory: string, problems: Problems): readonly string[] {
  return unlessUnreadable(directory, problems, () =>
    readdirSync(directory)
      .filter((name) => isDirectory(join(directory, name)))
      .sort(),
  );
}

/** A link that leads nowhere, such as an editor leaves, is none. */
function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function unlessUnreadable(directory: string, problems: Problems, read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch (error) {
    problems.error(
      `cannot read ${directory}: ${describeSystemError(error)}`,
      undefined,
      'name a directory with certificates that can be read',
    );
    return [];
  }
}

/** `apiserver.crt`, `etcd/server.crt`: files and those one directory further down, which may be a link. */
function filesBelow(directory: string, problems: Problems): readonly string[] {
  return unlessUnreadable(directory, problems, () =>
    readdirSync(directory).flatMap((name) =>
      isDirectory(join(directory, name)) ? readdirSync(join(directory, name)).map((file) => `${name}/${file}`) : [name],
    ),
  );
}
